using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>Linear layers with the same inputs, side by side, packed for the kernels in one precision or the other.</summary>
internal sealed class PackedLinear : IDisposable
{
    private PackedLinear(PackedMatrix? floats, QuantizedMatrix? codes)
    {
        Floats = floats;
        Codes = codes;
        Panels = floats?.Panels ?? codes!.Panels;
    }

    /// <summary>The weights of <see cref="Precision.Fp32"/>.</summary>
    public PackedMatrix? Floats { get; }

    /// <summary>The weights of <see cref="Precision.Int8"/>.</summary>
    public QuantizedMatrix? Codes { get; }

    /// <summary>Panels of columns.</summary>
    public int Panels { get; }

    /// <summary>Packs layers.</summary>
    /// <param name="precision">Which weights to make.</param>
    /// <param name="inputs">The layers' inputs.</param>
    /// <param name="layers">In the order of their columns.</param>
    public static PackedLinear Pack(Precision precision, int inputs, params ReadOnlySpan<LinearWeights> layers)
    {
        var half = true;
        var outputs = 0;
        foreach (var layer in layers)
        {
            half = half && precision == Precision.Fp32 && HalfPanel.CanHold(layer.Weight.ToArray());
            outputs = checked(outputs + layer.Bias.Count);
        }

        var floats = precision == Precision.Fp32 ? new PackedMatrix(inputs, outputs, half) : null;
        var codes = precision == Precision.Int8 ? new QuantizedMatrix(inputs, outputs) : null;
        var first = 0;
        foreach (var layer in layers)
        {
            var weights = layer.Weight.ToArray();
            var bias = layer.Bias.ToArray();
            floats?.Fill(first, weights, bias);
            codes?.Fill(first, weights, bias);
            first += bias.Length;
        }

        return new PackedLinear(floats, codes);
    }

    public void Dispose()
    {
        Floats?.Dispose();
        Codes?.Dispose();
    }
}
