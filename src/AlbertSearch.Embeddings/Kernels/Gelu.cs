using System.Runtime.CompilerServices;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// gelu with the error function: x · Φ(x) = x · (1 + erf(x/√2)) / 2. The complementary error function of |z| is
/// t·(a₁ + t·(a₂ + …))·e^(−z²) with t = 1/(1 + p·|z|) (Abramowitz and Stegun 7.1.26, absolute error 1.5e-7).
/// Within 2e-6 of the formula in double precision for |x| ≤ 20, relatively beyond. NaN gives NaN, +∞ gives +∞, −∞ gives NaN (−∞ · 0, as in PyTorch).
/// </summary>
internal readonly struct Gelu : IElementFunction
{
    private const float InverseRootTwo = 0.70710678118654752f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var one = TLanes.Broadcast(1f);
        var z = TLanes.Multiply(TLanes.Abs(x), TLanes.Broadcast(InverseRootTwo));
        var t = TLanes.Divide(one, TLanes.MultiplyAdd(z, TLanes.Broadcast(0.3275911f), one));

        var p = TLanes.Broadcast(1.061405429f);
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(-1.453152027f));
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(1.421413741f));
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(-0.284496736f));
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(0.254829592f));
        p = TLanes.Multiply(p, t);

        // e^(−x²/2): from x itself, because squaring the rounded z doubles its error.
        var exponent = TLanes.Multiply(TLanes.Multiply(x, x), TLanes.Broadcast(-0.5f));
        var half = TLanes.Multiply(TLanes.Multiply(p, Exponential.Apply<TLanes, TVector>(exponent)), TLanes.Broadcast(0.5f));
        return TLanes.Multiply(x, TLanes.SelectNegative(x, half, TLanes.Subtract(one, half)));
    }
}
