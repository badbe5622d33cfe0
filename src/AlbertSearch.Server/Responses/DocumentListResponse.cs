namespace AlbertSearch.Server.Responses;

/// <summary>A page of documents.</summary>
/// <param name="Documents">In the order of their ids.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record DocumentListResponse(IReadOnlyList<DocumentResponse> Documents, string? Next);
