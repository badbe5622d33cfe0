using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Storage;

namespace AlbertSearch.Collections;

/// <summary>A collection's counters.</summary>
public sealed record CollectionInfo
{
    /// <summary>The name of the collection that <c>/index</c> and <c>/search</c> act on.</summary>
    public const string DefaultName = "default";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Documents stored.</summary>
    public required long Documents { get; init; }

    /// <summary>Bytes of the documents' texts in UTF-8.</summary>
    public long TextBytes { get; init; }

    /// <summary>Bytes of the live generation's vectors.</summary>
    public long VectorBytes { get; init; }

    /// <summary>Chunks searchable in the live generation.</summary>
    public required long Chunks { get; init; }

    /// <summary>Name of the live generation's model.</summary>
    public required string ModelName { get; init; }

    /// <summary>Identity of the live generation's model.</summary>
    public required string ModelIdentity { get; init; }

    /// <summary>How the live generation's vectors are made of token states.</summary>
    public PoolingMode Pooling { get; init; }

    /// <summary>How the live generation cuts texts; null while there is none.</summary>
    public ChunkingSettings? Chunking { get; init; }

    /// <summary>Floats in a vector of the live generation.</summary>
    public int Dimension { get; init; }

    /// <summary>How the live generation's vectors are indexed.</summary>
    public required IndexOptions Index { get; init; }

    /// <summary>Vectors in the index.</summary>
    public required long IndexCount { get; init; }

    /// <summary>Deleted vectors that the index still holds.</summary>
    public required long Tombstones { get; init; }

    /// <summary>Whether the graph is still being built, and searches are answered exactly.</summary>
    public bool IndexBuilding { get; init; }

    /// <summary>Nodes of the graph by their highest layer, from layer 0 on; null while there is none.</summary>
    public IReadOnlyList<int>? IndexLevels { get; init; }

    /// <summary>Bytes of memory that the graph holds.</summary>
    public long IndexMemoryBytes { get; init; }

    /// <summary>Bytes of vectors that are mapped from files.</summary>
    public long IndexMappedBytes { get; init; }
}
