namespace AlbertSearch.Embeddings.Albert;

/// <summary>One layer's weights, packed for the kernels.</summary>
internal sealed class PackedLayer : IDisposable
{
    public PackedLayer(AlbertConfig config, AlbertLayerWeights weights, Precision precision)
    {
        var hidden = config.HiddenSize;
        QueryKeyValue = PackedLinear.Pack(precision, hidden, weights.Query, weights.Key, weights.Value);
        AttentionOutput = PackedLinear.Pack(precision, hidden, weights.AttentionOutput);
        AttentionNorm = new PackedNorm(weights.AttentionNorm);
        FeedForward = PackedLinear.Pack(precision, hidden, weights.FeedForward);
        FeedForwardOutput = PackedLinear.Pack(precision, config.IntermediateSize, weights.FeedForwardOutput);
        OutputNorm = new PackedNorm(weights.OutputNorm);
    }

    /// <summary>[3 · HiddenSize, HiddenSize]: queries, keys and values in one product.</summary>
    public PackedLinear QueryKeyValue { get; }

    /// <summary>[HiddenSize, HiddenSize].</summary>
    public PackedLinear AttentionOutput { get; }

    /// <summary>After the attention's residual.</summary>
    public PackedNorm AttentionNorm { get; }

    /// <summary>[IntermediateSize, HiddenSize].</summary>
    public PackedLinear FeedForward { get; }

    /// <summary>[HiddenSize, IntermediateSize].</summary>
    public PackedLinear FeedForwardOutput { get; }

    /// <summary>After the feed-forward's residual.</summary>
    public PackedNorm OutputNorm { get; }

    public void Dispose()
    {
        QueryKeyValue.Dispose();
        AttentionOutput.Dispose();
        FeedForward.Dispose();
        FeedForwardOutput.Dispose();
    }
}
