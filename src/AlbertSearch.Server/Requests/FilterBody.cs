using AlbertSearch.Filters;

namespace AlbertSearch.Server.Requests;

/// <summary>Reads a filter in a request.</summary>
internal static class FilterBody
{
    /// <summary>Reads the current value as a filter. Its size is bounded before it is built.</summary>
    /// <exception cref="Errors.InvalidRequestException">It is not a filter.</exception>
    public static Filter Read(ref StrictJsonReader json, LimitOptions limits)
    {
        // Levels of a filter take two levels of JSON at most, and its values one more.
        var path = json.Path;
        return new FilterParser(limits).Parse(json.ReadObject(limits.FilterBytes, (2 * limits.FilterDepth) + 2, "Filter"), path);
    }
}
