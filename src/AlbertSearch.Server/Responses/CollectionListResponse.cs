namespace AlbertSearch.Server.Responses;

/// <summary>The collections.</summary>
/// <param name="Collections">In the order of their names.</param>
internal sealed record CollectionListResponse(IReadOnlyList<CollectionResponse> Collections);
