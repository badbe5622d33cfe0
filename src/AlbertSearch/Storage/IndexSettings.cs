namespace AlbertSearch.Storage;

/// <summary>How a generation's vectors are indexed.</summary>
/// <param name="Kind"><c>flat</c> or <c>hnsw</c>.</param>
public sealed record IndexSettings(string Kind);
