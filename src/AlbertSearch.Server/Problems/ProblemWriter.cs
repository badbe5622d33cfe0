using System.Globalization;
using AlbertSearch.Server.Responses;
using Microsoft.AspNetCore.WebUtilities;

namespace AlbertSearch.Server.Problems;

/// <summary>Writes <c>application/problem+json</c>.</summary>
internal static class ProblemWriter
{
    /// <summary>The media type of errors.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>Answers with an error. The response must not have started.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">One of <see cref="Errors.ErrorCodes"/>.</param>
    /// <param name="detail">What was wrong and what is allowed.</param>
    /// <param name="field">The field at fault, or null.</param>
    /// <param name="retryAfter">When a new try is worth it, or null.</param>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail, string? field = null, TimeSpan? retryAfter = null)
    {
        context.Response.StatusCode = status;
        if (retryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var problem = new ProblemResponse
        {
            Title = ReasonPhrases.GetReasonPhrase(status),
            Status = status,
            Detail = detail,
            Code = code,
            Errors = field is null ? null : new Dictionary<string, IReadOnlyList<string>> { [field] = [detail] },
        };
        return context.Response.WriteJsonAsync(problem, WireJson.Relaxed.ProblemResponse, ContentType);
    }
}
