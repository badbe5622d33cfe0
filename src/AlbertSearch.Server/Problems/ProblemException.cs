using AlbertSearch.Errors;

namespace AlbertSearch.Server.Problems;

/// <summary>A request that the HTTP side refuses before the engine sees it.</summary>
internal sealed class ProblemException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What was wrong and what is allowed.</param>
    /// <param name="field">The field at fault, as a path: <c>documents[3].id</c>; null when it is not about one.</param>
    public ProblemException(string code, string message, string? field = null)
        : base(message)
    {
        Code = code;
        Field = field;
    }

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The field at fault, or null.</summary>
    public string? Field { get; }

    /// <summary>The column of the fault in its line of the JSON text, from 1, in UTF-16 code units; null when unknown.</summary>
    public int? Column { get; init; }

    /// <summary>When a new try is worth it; null when that is not known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
