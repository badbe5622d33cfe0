using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Embeddings;

/// <summary>How a model folder is used.</summary>
public sealed record EmbeddingModelOptions
{
    /// <summary>The name that the model goes by; null for the folder's own name.</summary>
    public string? Name { get; init; }

    /// <summary>Overrides the pooling that the model folder names.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Lower limit on the tokens of a vector than the model's own; null for the model's.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Threads of the encoder; 0 for one a processor.</summary>
    public int Threads { get; init; }
}
