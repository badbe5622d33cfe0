using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>An ALBERT checkpoint's tensors, checked against its sizes. Linear weights are [outputs, inputs], as PyTorch stores them.</summary>
public sealed record AlbertWeights
{
    /// <summary>The sizes.</summary>
    public required AlbertConfig Config { get; init; }

    /// <summary>[VocabularySize, EmbeddingSize].</summary>
    public required WeightTensor WordEmbeddings { get; init; }

    /// <summary>[MaxPositions, EmbeddingSize].</summary>
    public required WeightTensor PositionEmbeddings { get; init; }

    /// <summary>[TypeVocabularySize, EmbeddingSize].</summary>
    public required WeightTensor TokenTypeEmbeddings { get; init; }

    /// <summary>Over EmbeddingSize.</summary>
    public required NormWeights EmbeddingNorm { get; init; }

    /// <summary>[HiddenSize, EmbeddingSize].</summary>
    public required LinearWeights EmbeddingMapping { get; init; }

    /// <summary>[HiddenGroups][InnerGroupLayers].</summary>
    public required IReadOnlyList<IReadOnlyList<AlbertLayerWeights>> Groups { get; init; }

    /// <summary>[HiddenSize, HiddenSize]; null for models without a pooler.</summary>
    public LinearWeights? Pooler { get; init; }

    /// <summary>[labels, HiddenSize]; null for models without a classification head.</summary>
    public LinearWeights? Classifier { get; init; }
}

/// <summary>y = W x + b.</summary>
/// <param name="Weight">[outputs, inputs].</param>
/// <param name="Bias">[outputs].</param>
public sealed record LinearWeights(WeightTensor Weight, WeightTensor Bias);

/// <summary>Layer normalization's gain and shift.</summary>
/// <param name="Weight">[width].</param>
/// <param name="Bias">[width].</param>
public sealed record NormWeights(WeightTensor Weight, WeightTensor Bias);

/// <summary>One ALBERT layer.</summary>
public sealed record AlbertLayerWeights
{
    /// <summary><c>attention.query</c>.</summary>
    public required LinearWeights Query { get; init; }

    /// <summary><c>attention.key</c>.</summary>
    public required LinearWeights Key { get; init; }

    /// <summary><c>attention.value</c>.</summary>
    public required LinearWeights Value { get; init; }

    /// <summary><c>attention.dense</c>.</summary>
    public required LinearWeights AttentionOutput { get; init; }

    /// <summary><c>attention.LayerNorm</c>, after the residual.</summary>
    public required NormWeights AttentionNorm { get; init; }

    /// <summary><c>ffn</c>: [IntermediateSize, HiddenSize].</summary>
    public required LinearWeights FeedForward { get; init; }

    /// <summary><c>ffn_output</c>: [HiddenSize, IntermediateSize].</summary>
    public required LinearWeights FeedForwardOutput { get; init; }

    /// <summary><c>full_layer_layer_norm</c>, after the residual.</summary>
    public required NormWeights OutputNorm { get; init; }
}
