namespace AlbertSearch.Storage;

/// <summary>All leased writes to one document, and what was computed for the text that they end with.</summary>
public sealed record PreparedDocument
{
    /// <summary>The collection.</summary>
    public required long Collection { get; init; }

    /// <summary>The document's id.</summary>
    public required string Id { get; init; }

    /// <summary>The writes, in the order of their sequence numbers.</summary>
    public required IReadOnlyList<QueuedWrite> Writes { get; init; }

    /// <summary>The hash of the text that the chunks belong to; null when nothing was computed.</summary>
    public ContentHash? ContentHash { get; init; }

    /// <summary>The chunks of that text for each generation that is building or live; null when the stored ones were found to do.</summary>
    public IReadOnlyDictionary<long, IReadOnlyList<ChunkVector>>? Chunks { get; init; }

    /// <summary>Tokens that were embedded.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens that were cut because chunking is off.</summary>
    public long TruncatedTokens { get; init; }
}
