namespace AlbertSearch.Errors;

/// <summary>The base of every error that AlbertSearch reports on purpose: it carries a stable code, and a message that says what was wrong and what is allowed.</summary>
public abstract class AlbertSearchException : Exception
{
    /// <summary>Makes the exception.</summary>
    private protected AlbertSearchException(string code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }
}
