namespace AlbertSearch.Server.Requests;

/// <summary>The properties of a JSON object that a request may hold.</summary>
/// <param name="names">Those that are read; at most 64.</param>
/// <param name="notSupported">Those that the API names but this version does not have.</param>
internal sealed class KnownProperties(string[] names, string[]? notSupported = null)
{
    /// <summary>Those that are read.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    /// <summary>Those that the API names but this version does not have.</summary>
    public IReadOnlyList<string> NotSupported { get; } = notSupported ?? [];
}
