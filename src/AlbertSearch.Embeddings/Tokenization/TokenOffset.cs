namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>A token's place in the original text, in UTF-16 code units; (0, 0) for control tokens.</summary>
/// <param name="Start">First code unit.</param>
/// <param name="End">One past the last code unit.</param>
public readonly record struct TokenOffset(int Start, int End);
