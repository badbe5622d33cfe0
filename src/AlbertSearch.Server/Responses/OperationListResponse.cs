namespace AlbertSearch.Server.Responses;

/// <summary>A page of operations.</summary>
/// <param name="Operations">Newest first.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record OperationListResponse(IReadOnlyList<OperationResponse> Operations, string? Next);
