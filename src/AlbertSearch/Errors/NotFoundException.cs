namespace AlbertSearch.Errors;

/// <summary>A document, operation, collection or model that doesn't exist.</summary>
public sealed class NotFoundException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    public NotFoundException(string message)
        : base(ErrorCodes.NotFound, message)
    {
    }
}
