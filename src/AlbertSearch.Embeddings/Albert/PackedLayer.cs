using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>One layer's weights, packed for the kernels.</summary>
internal sealed class PackedLayer : IDisposable
{
    public PackedLayer(AlbertConfig config, AlbertLayerWeights weights)
    {
        var hidden = config.HiddenSize;
        QueryKeyValue = new PackedMatrix(hidden, checked(3 * hidden));
        Fill(QueryKeyValue, 0, weights.Query);
        Fill(QueryKeyValue, hidden, weights.Key);
        Fill(QueryKeyValue, 2 * hidden, weights.Value);
        AttentionOutput = Pack(weights.AttentionOutput, hidden, hidden);
        AttentionNorm = new PackedNorm(weights.AttentionNorm);
        FeedForward = Pack(weights.FeedForward, hidden, config.IntermediateSize);
        FeedForwardOutput = Pack(weights.FeedForwardOutput, config.IntermediateSize, hidden);
        OutputNorm = new PackedNorm(weights.OutputNorm);
    }

    /// <summary>[3 · HiddenSize, HiddenSize]: queries, keys and values in one product.</summary>
    public PackedMatrix QueryKeyValue { get; }

    /// <summary>[HiddenSize, HiddenSize].</summary>
    public PackedMatrix AttentionOutput { get; }

    /// <summary>After the attention's residual.</summary>
    public PackedNorm AttentionNorm { get; }

    /// <summary>[IntermediateSize, HiddenSize].</summary>
    public PackedMatrix FeedForward { get; }

    /// <summary>[HiddenSize, IntermediateSize].</summary>
    public PackedMatrix FeedForwardOutput { get; }

    /// <summary>After the feed-forward's residual.</summary>
    public PackedNorm OutputNorm { get; }

    /// <summary>Packs one linear layer.</summary>
    public static PackedMatrix Pack(LinearWeights weights, int inputs, int outputs)
    {
        var packed = new PackedMatrix(inputs, outputs);
        Fill(packed, 0, weights);
        return packed;
    }

    public void Dispose()
    {
        QueryKeyValue.Dispose();
        AttentionOutput.Dispose();
        FeedForward.Dispose();
        FeedForwardOutput.Dispose();
    }

    private static void Fill(PackedMatrix packed, int firstOutput, LinearWeights weights) =>
        packed.Fill(firstOutput, weights.Weight.ToArray(), weights.Bias.ToArray());
}
