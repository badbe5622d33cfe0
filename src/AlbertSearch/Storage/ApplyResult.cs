namespace AlbertSearch.Storage;

/// <summary>What came of applying writes.</summary>
/// <param name="EndedOperations">Ids of the operations that ended with it.</param>
/// <param name="Released">Documents that were not applied, because what they were prepared for has changed; their writes are back in the queue.</param>
public sealed record ApplyResult(IReadOnlyList<string> EndedOperations, int Released);
