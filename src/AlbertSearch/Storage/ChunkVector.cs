namespace AlbertSearch.Storage;

/// <summary>A chunk of a text with its vector.</summary>
/// <param name="Start">First UTF-16 code unit in the document's text.</param>
/// <param name="End">One past the last code unit.</param>
/// <param name="Vector">The generation's dimension of floats, norm 1.</param>
public sealed record ChunkVector(int Start, int End, float[] Vector);
