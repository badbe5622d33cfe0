namespace AlbertSearch.Testing.Crash;

/// <summary>What a request does to one document.</summary>
/// <param name="Key">The document.</param>
/// <param name="Version">What it holds afterwards; null when it is gone.</param>
public readonly record struct DocumentChange(DocumentKey Key, DocumentVersion? Version);
