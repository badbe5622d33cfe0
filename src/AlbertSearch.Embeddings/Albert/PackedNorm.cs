namespace AlbertSearch.Embeddings.Albert;

/// <summary>A layer normalization's gain and shift as floats.</summary>
internal sealed class PackedNorm(NormWeights weights)
{
    /// <summary>[width].</summary>
    public float[] Gain { get; } = weights.Weight.ToArray();

    /// <summary>[width].</summary>
    public float[] Shift { get; } = weights.Bias.ToArray();
}
