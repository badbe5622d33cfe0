namespace AlbertSearch.Errors;

/// <summary>A collection holds vectors of another model than the one configured.</summary>
public sealed class ModelMismatchException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    public ModelMismatchException(string message)
        : base(ErrorCodes.ModelMismatch, message)
    {
    }
}
