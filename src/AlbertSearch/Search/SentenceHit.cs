namespace AlbertSearch.Search;

/// <summary>A sentence of a hit.</summary>
/// <param name="Start">First UTF-16 code unit in the document's text.</param>
/// <param name="End">One past the last code unit.</param>
/// <param name="Text">The sentence.</param>
/// <param name="Score">Its dot product with the query: higher is closer, 1 at most.</param>
public sealed record SentenceHit(int Start, int End, string Text, float Score);
