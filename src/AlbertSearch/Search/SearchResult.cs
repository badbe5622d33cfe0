namespace AlbertSearch.Search;

/// <summary>What a search found.</summary>
/// <param name="Hits">Best first; ties by id.</param>
/// <param name="TruncatedTokens">Tokens of the query text that were cut.</param>
public sealed record SearchResult(IReadOnlyList<SearchHit> Hits, int TruncatedTokens);
