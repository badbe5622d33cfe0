using System.Globalization;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>The query parameters of a request, as strict as its body: unknown and doubled ones are refused.</summary>
internal sealed class QueryParameters
{
    private readonly IQueryCollection _query;

    private QueryParameters(IQueryCollection query) => _query = query;

    /// <summary>Takes the query parameters of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="known">The names that may be there, as they are written.</param>
    /// <exception cref="ProblemException">An unknown or doubled one is there.</exception>
    public static QueryParameters Of(HttpRequest request, params ReadOnlySpan<string> known)
    {
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name))
            {
                var hint = known.Length == 0 ? "it takes none" : $"known: {string.Join(", ", known)}";
                throw new ProblemException(ErrorCodes.UnknownProperty, $"'{name}' is not a query parameter of this route; {hint}.", name);
            }

            if (values.Count > 1)
            {
                throw new ProblemException(ErrorCodes.InvalidValue, $"The query parameter '{name}' is there {values.Count} times.", name);
            }
        }

        return new QueryParameters(request.Query);
    }

    /// <summary>A text, or null when absent.</summary>
    public string? Text(string name) => _query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary><c>true</c> or <c>false</c>; false when absent.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw new ProblemException(ErrorCodes.InvalidValue, $"The query parameter '{name}' must be true or false, but is '{other}'.", name),
    };

    /// <summary>A whole number in a range.</summary>
    public int Number(string name, int absent, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return absent;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new ProblemException(ErrorCodes.InvalidValue, $"The query parameter '{name}' must be a whole number from {least} to {most}, but is '{text}'.", name);
    }
}
