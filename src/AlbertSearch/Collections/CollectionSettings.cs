using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;

namespace AlbertSearch.Collections;

/// <summary>How a collection makes and indexes its vectors; what is null is taken from the configuration when the collection is made.</summary>
public sealed record CollectionSettings
{
    /// <summary>The model's name in the configuration.</summary>
    public string? Model { get; init; }

    /// <summary>How token states become a vector.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>How texts are cut.</summary>
    public ChunkingOptions? Chunking { get; init; }

    /// <summary>How its vectors are indexed; what it leaves open goes on to follow the configuration.</summary>
    public IndexSettings? Index { get; init; }
}
