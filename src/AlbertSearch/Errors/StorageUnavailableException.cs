namespace AlbertSearch.Errors;

/// <summary>The data folder or its database can't be used: held by another process, read-only, full, damaged or of a newer schema.</summary>
public sealed class StorageUnavailableException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    public StorageUnavailableException(string message, Exception? innerException = null)
        : base(ErrorCodes.StorageUnavailable, message, innerException)
    {
    }

    /// <summary>Whether a part of the database is damaged: other parts may be sound, and waiting doesn't help.</summary>
    public bool IsDamage { get; init; }
}
