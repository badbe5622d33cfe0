namespace AlbertSearch.Indexing.Hnsw;

/// <summary>What an index holds.</summary>
public sealed record HnswStatistics
{
    /// <summary>Vectors that a search can find.</summary>
    public required int Count { get; init; }

    /// <summary>Removed vectors that the graph still holds.</summary>
    public required int Tombstones { get; init; }

    /// <summary>Nodes whose level is the position's, tombstones too: the first is layer 0 alone.</summary>
    public required IReadOnlyList<int> Levels { get; init; }

    /// <summary>Bytes of links, codes, tables, and of float vectors that are kept in memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of float vectors that are mapped from files, resident or not.</summary>
    public required long MappedBytes { get; init; }
}
