namespace AlbertSearch.Embeddings;

/// <summary>What is embedded or classified: a text, or a pair of texts.</summary>
/// <param name="Text">The first text.</param>
/// <param name="Pair">The second text, or null.</param>
public readonly record struct TextSample(string Text, string? Pair = null);
