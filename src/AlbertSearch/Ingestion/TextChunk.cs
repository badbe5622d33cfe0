using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Ingestion;

/// <summary>A part of a text that becomes one vector.</summary>
/// <param name="Start">First UTF-16 code unit.</param>
/// <param name="End">One past the last code unit.</param>
/// <param name="Tokens">The model input made of this part alone.</param>
public sealed record TextChunk(int Start, int End, TokenSequence Tokens);
