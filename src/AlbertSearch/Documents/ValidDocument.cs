namespace AlbertSearch.Documents;

/// <summary>A document that keeps all limits.</summary>
/// <param name="Id">Its id, given or made.</param>
/// <param name="HasOwnId">Whether the caller gave the id.</param>
/// <param name="Text">The text.</param>
/// <param name="Metadata">Compact JSON of an object, or null.</param>
internal sealed record ValidDocument(string Id, bool HasOwnId, string Text, string? Metadata);
