using System.Globalization;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using Microsoft.Net.Http.Headers;

namespace AlbertSearch.Server.Requests;

/// <summary>Revisions as entity tags.</summary>
internal static class EntityTags
{
    /// <summary>The entity tag of a revision.</summary>
    public static string Of(long revision) => $"\"{revision.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The revision that <c>If-Match</c> asks for; null when any will do.</summary>
    /// <exception cref="ProblemException">It is not one entity tag that this server gave, or <c>*</c>.</exception>
    public static long? IfMatch(HttpRequest request)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0 || header == "*")
        {
            return null;
        }

        if (!EntityTagHeaderValue.TryParse(header, out var tag))
        {
            throw new ProblemException(ErrorCodes.InvalidValue, $"If-Match must be one entity tag, such as \"3\", but is '{header}'.", HeaderNames.IfMatch);
        }

        // A tag of another form is not wrong: it is just not the document's.
        return !tag.IsWeak && long.TryParse(HeaderUtilities.RemoveQuotes(tag.Tag), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw new ProblemException(ErrorCodes.PreconditionFailed, $"The document's entity tag is not {header}.", HeaderNames.IfMatch);
    }
}
