namespace AlbertSearch.Errors;

/// <summary>A request that can't be done as it is; nothing was changed.</summary>
public sealed class InvalidRequestException : AlbertSearchException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="field">The field at fault, as a path: <c>documents[3].id</c>.</param>
    /// <param name="message">What was wrong and what is allowed.</param>
    public InvalidRequestException(string code, string field, string message)
        : base(code, message)
    {
        Field = field;
    }

    /// <summary>The field at fault, as a path: <c>documents[3].id</c>.</summary>
    public string Field { get; }
}
