using System.Runtime.CompilerServices;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// The tanh form of gelu: x/2 · (1 + tanh(u)) with u = √(2/π)·(x + 0.044715·x³), computed as x / (1 + e^(−2u)).
/// Within 2e-6 of the formula in double precision for |x| ≤ 20, relatively beyond. NaN gives NaN, +∞ gives +∞, −∞ stays infinite.
/// </summary>
internal readonly struct GeluTanh : IElementFunction
{
    // −2·√(2/π), and that times 0.044715.
    private const float Linear = -1.5957691216057308f;
    private const float Cubic = -0.0713548162726f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var square = TLanes.Multiply(x, x);
        var exponent = TLanes.Multiply(x, TLanes.MultiplyAdd(square, TLanes.Broadcast(Cubic), TLanes.Broadcast(Linear)));
        var e = Exponential.Apply<TLanes, TVector>(exponent);
        return TLanes.Divide(x, TLanes.Add(e, TLanes.Broadcast(1f)));
    }
}
