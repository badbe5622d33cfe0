namespace AlbertSearch.Server.Responses;

/// <summary>What several queries found.</summary>
/// <param name="Results">One for each query, in their order.</param>
/// <param name="TookMs">Milliseconds that the searches took together.</param>
internal sealed record SearchListResponse(IReadOnlyList<SearchListResponse.QueryHits> Results, double TookMs)
{
    /// <summary>What one of the queries found.</summary>
    /// <param name="Hits">Best first.</param>
    /// <param name="TruncatedTokens">Tokens of the query text that were cut.</param>
    internal sealed record QueryHits(IReadOnlyList<HitResponse> Hits, int TruncatedTokens);
}
