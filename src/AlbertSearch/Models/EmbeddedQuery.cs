namespace AlbertSearch.Models;

/// <summary>A query text's vector.</summary>
/// <param name="Vector">The model's dimension of floats, norm 1. Shared: not to be written to.</param>
/// <param name="TruncatedTokens">Tokens of the text that were cut.</param>
public sealed record EmbeddedQuery(float[] Vector, int TruncatedTokens);
