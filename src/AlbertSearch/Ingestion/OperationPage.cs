namespace AlbertSearch.Ingestion;

/// <summary>A page of a listing.</summary>
/// <param name="Operations">Newest first.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record OperationPage(IReadOnlyList<Operation> Operations, string? Next);
