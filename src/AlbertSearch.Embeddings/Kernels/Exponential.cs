using System.Runtime.CompilerServices;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// e^x in any register width: x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^r by a polynomial of degree 6 (Cephes' expf), times 2^n.
/// Relative error below 2e-7 on [−87.3, 88]; outside, x is moved to the nearer end, so the result is never 0, subnormal or infinite.
/// NaN gives NaN. About 14 instructions a register.
/// </summary>
internal static class Exponential
{
    private const float Smallest = -87.3f;
    private const float Largest = 88.0f;

    // ln 2 in two parts: the first has 9 significant bits, so that n times it is exact.
    private const float LogTwoHigh = 0.693359375f;
    private const float LogTwoLow = -2.12194440e-4f;
    private const float InverseLogTwo = 1.44269504088896341f;

    /// <summary>e^x of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        // The second operand wins when one is NaN, so x stays second.
        x = TLanes.Min(TLanes.Broadcast(Largest), x);
        x = TLanes.Max(TLanes.Broadcast(Smallest), x);
        var n = TLanes.Round(TLanes.Multiply(x, TLanes.Broadcast(InverseLogTwo)));
        var r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-LogTwoHigh), x);
        r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-LogTwoLow), r);

        var p = TLanes.Broadcast(1.9875691500e-4f);
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.3981999507e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(8.3334519073e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(4.1665795894e-2f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.6666665459e-1f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(5.0000001201e-1f));
        p = TLanes.MultiplyAdd(p, TLanes.Multiply(r, r), TLanes.Add(r, TLanes.Broadcast(1f)));
        return TLanes.ScaleByPowerOfTwo(p, n);
    }
}
