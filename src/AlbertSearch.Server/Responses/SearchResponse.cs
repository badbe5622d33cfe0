namespace AlbertSearch.Server.Responses;

/// <summary>What one query found.</summary>
/// <param name="Hits">Best first.</param>
/// <param name="TookMs">Milliseconds that the search took.</param>
/// <param name="TruncatedTokens">Tokens of the query text that were cut.</param>
internal sealed record SearchResponse(IReadOnlyList<HitResponse> Hits, double TookMs, int TruncatedTokens);
