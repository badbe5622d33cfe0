namespace AlbertSearch.Storage;

/// <summary>What came of applying writes.</summary>
/// <param name="Applied">Documents whose writes are applied.</param>
/// <param name="Released">Documents that were not applied, because what they were prepared for has changed; their writes are back in the queue.</param>
public sealed record ApplyResult(int Applied, int Released);
