using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// A row of states in 7 bits: x ≈ smallest + code · scale with codes of 0 … 127 over the row's own range. The error of an element is at most
/// half a scale. A row with a NaN or infinity gets a NaN scale, so that every product with it is NaN. Two passes over a row in cache.
/// </summary>
internal static unsafe class RowQuantization
{
    private const float Largest = 127f;

    /// <summary>Quantizes a row with the widest registers there are.</summary>
    /// <param name="row">The row, at least one element.</param>
    /// <param name="codes">At least as long; the codes past the row become 0.</param>
    /// <returns>The scale and the smallest value.</returns>
    public static (float Scale, float Smallest) Apply(ReadOnlySpan<float> row, Span<byte> codes)
    {
        CheckLengths(row, codes);
        fixed (float* x = row)
        fixed (byte* q = codes)
        {
            if (Lanes512.IsSupported)
            {
                return Run<Lanes512, Vector512<float>>(x, q, row.Length, codes.Length);
            }

            if (Lanes256.IsSupported)
            {
                return Run<Lanes256, Vector256<float>>(x, q, row.Length, codes.Length);
            }

            return Lanes128.IsSupported
                ? Run<Lanes128, Vector128<float>>(x, q, row.Length, codes.Length)
                : Run<LanesScalar, float>(x, q, row.Length, codes.Length);
        }
    }

    /// <summary>The scalar twin.</summary>
    public static (float Scale, float Smallest) ApplyScalar(ReadOnlySpan<float> row, Span<byte> codes)
    {
        CheckLengths(row, codes);
        fixed (float* x = row)
        fixed (byte* q = codes)
        {
            return Run<LanesScalar, float>(x, q, row.Length, codes.Length);
        }
    }

    private static void CheckLengths(ReadOnlySpan<float> row, Span<byte> codes)
    {
        if (row.IsEmpty || codes.Length < row.Length)
        {
            throw new ArgumentException($"A row of {row.Length} elements needs at least one, and as many codes; got {codes.Length}.", nameof(codes));
        }
    }

    private static (float Scale, float Smallest) Run<TLanes, TVector>(float* x, byte* codes, int length, int room)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var whole = length - (length % TLanes.Count);
        var (smallest, largest, finite) = (x[0], x[0], 0f);
        if (whole > 0)
        {
            var low = TLanes.Load(x);
            var high = low;
            var zeros = TLanes.Broadcast(0f);
            for (var i = 0; i < whole; i += TLanes.Count)
            {
                var value = TLanes.Load(x + i);
                low = TLanes.Min(value, low);
                high = TLanes.Max(value, high);
                zeros = TLanes.MultiplyAdd(value, TLanes.Broadcast(0f), zeros);
            }

            smallest = -TLanes.MaxLane(TLanes.Subtract(TLanes.Broadcast(0f), low));
            largest = TLanes.MaxLane(high);
            finite = TLanes.Sum(zeros);
        }

        for (var i = whole; i < length; i++)
        {
            smallest = Math.Min(smallest, x[i]);
            largest = Math.Max(largest, x[i]);
            finite += x[i] * 0f;
        }

        if (finite != 0f)
        {
            // Not a number: some element is not finite.
            new Span<byte>(codes, room).Clear();
            return (float.NaN, float.NaN);
        }

        var scale = (largest - smallest) / Largest;
        var inverse = scale > 0f ? 1f / scale : 0f;
        inverse = float.IsFinite(inverse) ? inverse : 0f;
        var offsets = TLanes.Broadcast(smallest);
        var inverses = TLanes.Broadcast(inverse);
        for (var i = 0; i < whole; i += TLanes.Count)
        {
            var code = TLanes.Round(TLanes.Multiply(TLanes.Subtract(TLanes.Load(x + i), offsets), inverses));
            TLanes.StoreBytes(codes + i, TLanes.Min(code, TLanes.Broadcast(Largest)));
        }

        for (var i = whole; i < length; i++)
        {
            codes[i] = (byte)MathF.Min(MathF.Round((x[i] - smallest) * inverse), Largest);
        }

        new Span<byte>(codes + length, room - length).Clear();
        return (scale, smallest);
    }
}
