using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>One layer's weights, packed for the kernels.</summary>
internal sealed class PackedLayer : IDisposable
{
    public PackedLayer(AlbertConfig config, AlbertLayerWeights weights)
    {
        var hidden = config.HiddenSize;
        QueryKeyValue = Pack(hidden, weights.Query, weights.Key, weights.Value);
        AttentionOutput = Pack(hidden, weights.AttentionOutput);
        AttentionNorm = new PackedNorm(weights.AttentionNorm);
        FeedForward = Pack(hidden, weights.FeedForward);
        FeedForwardOutput = Pack(config.IntermediateSize, weights.FeedForwardOutput);
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

    /// <summary>Packs linear layers with the same inputs side by side.</summary>
    public static PackedMatrix Pack(int inputs, params ReadOnlySpan<LinearWeights> layers)
    {
        var half = true;
        var outputs = 0;
        foreach (var layer in layers)
        {
            half &= HalfPanel.CanHold(layer.Weight.ToArray());
            outputs = checked(outputs + layer.Bias.Count);
        }

        var packed = new PackedMatrix(inputs, outputs, half);
        var first = 0;
        foreach (var layer in layers)
        {
            packed.Fill(first, layer.Weight.ToArray(), layer.Bias.ToArray());
            first += layer.Bias.Count;
        }

        return packed;
    }

    public void Dispose()
    {
        QueryKeyValue.Dispose();
        AttentionOutput.Dispose();
        FeedForward.Dispose();
        FeedForwardOutput.Dispose();
    }
}
