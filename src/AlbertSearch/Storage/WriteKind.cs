namespace AlbertSearch.Storage;

/// <summary>What a queued write does to its document.</summary>
public enum WriteKind
{
    /// <summary>Adds the document or replaces it.</summary>
    Upsert,

    /// <summary>Deletes the document.</summary>
    Delete,

    /// <summary>Merges into the document's metadata (RFC 7396).</summary>
    Patch,
}
