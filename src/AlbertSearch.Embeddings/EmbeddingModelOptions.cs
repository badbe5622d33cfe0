using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Embeddings;

/// <summary>How a model folder is used.</summary>
public sealed record EmbeddingModelOptions
{
    /// <summary>Least value of <see cref="MaxTokens"/>: the control tokens of a pair.</summary>
    public const int LeastMaxTokens = 3;

    /// <summary>The name that the model goes by; null for the folder's own name.</summary>
    public string? Name { get; init; }

    /// <summary>Overrides the pooling that the model folder names.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Lower limit on the tokens of a vector than the model's own, from <see cref="LeastMaxTokens"/> on; null for the model's.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Threads of the encoder; 0 for one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>Most tokens that are computed at once, from 1 to 1,048,576; a longer text is computed alone. More takes more memory and, past a few thousand, no less time.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>The arithmetic of the encoder's layers; part of the model's identity.</summary>
    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Pooling is { } pooling && !Enum.IsDefined(pooling))
        {
            throw new ArgumentOutOfRangeException(nameof(Pooling), pooling, "Pooling must be Pooler, Mean or Cls.");
        }

        if (!Enum.IsDefined(Precision))
        {
            throw new ArgumentOutOfRangeException(nameof(Precision), Precision, "Precision must be Fp32 or Int8.");
        }

        if (MaxTokens is { } maxTokens)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, LeastMaxTokens, nameof(MaxTokens));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchTokens, 1 << 20);
    }
}
