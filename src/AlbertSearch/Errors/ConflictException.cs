namespace AlbertSearch.Errors;

/// <summary>A request at odds with what is stored; nothing was changed by it.</summary>
public sealed class ConflictException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    public ConflictException(string message)
        : base(ErrorCodes.Conflict, message)
    {
    }
}
