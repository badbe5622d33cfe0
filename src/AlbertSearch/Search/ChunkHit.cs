namespace AlbertSearch.Search;

/// <summary>A part of a document's text, in UTF-16 code units.</summary>
/// <param name="Start">First code unit.</param>
/// <param name="End">One past the last code unit.</param>
/// <param name="Score">Its dot product with the query.</param>
public readonly record struct ChunkHit(int Start, int End, float Score);
