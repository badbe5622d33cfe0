namespace AlbertSearch.Documents;

/// <summary>A page of a listing.</summary>
/// <param name="Documents">In the order of their ids.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record DocumentPage(IReadOnlyList<Document> Documents, string? Next);
