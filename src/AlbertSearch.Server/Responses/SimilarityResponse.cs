namespace AlbertSearch.Server.Responses;

/// <summary>How near texts are to each other.</summary>
/// <param name="Matrix">Dot products of the normalized vectors, a row a text.</param>
/// <param name="TruncatedTokens">Tokens that were cut of each text.</param>
internal sealed record SimilarityResponse(IEnumerable<ReadOnlyMemory<float>> Matrix, IReadOnlyList<int> TruncatedTokens);
