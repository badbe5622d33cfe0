namespace AlbertSearch.Testing.Crash;

/// <summary>A JSON request under an idempotency key, to be sent again.</summary>
/// <param name="Key">The key.</param>
/// <param name="Collection">Where it goes.</param>
/// <param name="Changes">Its documents.</param>
/// <param name="OperationId">The operation that it was answered with; null when the answer was lost.</param>
internal sealed record KeyedRequest(string Key, string Collection, IReadOnlyList<DocumentChange> Changes, string? OperationId);
