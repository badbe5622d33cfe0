namespace AlbertSearch.Errors;

/// <summary>A document was changed since the caller looked; nothing was changed by this request.</summary>
public sealed class PreconditionFailedException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    public PreconditionFailedException(string message)
        : base(ErrorCodes.PreconditionFailed, message)
    {
    }
}
