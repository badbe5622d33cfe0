using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Storage;

/// <summary>What makes a generation's vectors; fixed when the generation is made.</summary>
public sealed record GenerationSettings
{
    /// <summary>The model's name in the configuration.</summary>
    public required string ModelName { get; init; }

    /// <summary>The model's identity: SHA-256 over everything that changes a vector.</summary>
    public required string ModelIdentity { get; init; }

    /// <summary>Floats in a vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>How token states become a vector.</summary>
    public required PoolingMode Pooling { get; init; }

    /// <summary>How texts are cut.</summary>
    public required ChunkingSettings Chunking { get; init; }

    /// <summary>How the vectors are indexed, where the configuration doesn't say it.</summary>
    public required IndexSettings Index { get; init; }
}
