using System.Numerics;
using System.Runtime.InteropServices;

namespace AlbertSearch.Indexing.Kernels;

/// <summary>
/// 8-bit codes of float vectors. A row x becomes cᵢ = 128 + round(xᵢ / s) with s = max|x| / 127, so cᵢ − 128 ≈ xᵢ / s;
/// a query becomes qᵢ = round(xᵢ / t) with t = max|x| / 64. Then x · y ≈ s·t·Σ qᵢ(cᵢ − 128).
/// A float is off by s/2 at most, hence the dot product of unit vectors by about max|x| / 127 / √12: below the gaps between neighbours,
/// and what survives is scored again on the floats.
/// </summary>
internal static class ScalarQuantizer
{
    private const int CodeLimit = 127;

    /// <summary>Makes the codes of a row; those beyond the vector become the code of zero.</summary>
    /// <returns>The row's scale s.</returns>
    public static float Encode(ReadOnlySpan<float> vector, Span<byte> codes)
    {
        var (scale, inverse) = Scale(VectorScan.MaxMagnitude(vector), CodeLimit);
        var signed = MemoryMarshal.Cast<byte, sbyte>(codes);
        Round(vector, inverse, signed);

        // 128 more, in 8 bits: the topmost bit flips.
        var i = 0;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(codes[i..]) ^ new Vector<byte>(CodeDotProduct.CodeZero)).CopyTo(codes[i..]);
        }

        for (; i < codes.Length; i++)
        {
            codes[i] ^= CodeDotProduct.CodeZero;
        }

        return scale;
    }

    /// <summary>Makes the codes of a query; those beyond the vector become 0.</summary>
    /// <returns>The query's scale t.</returns>
    public static float EncodeQuery(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var (scale, inverse) = Scale(VectorScan.MaxMagnitude(vector), CodeDotProduct.QueryLimit);
        Round(vector, inverse, codes);
        return scale;
    }

    /// <summary>round(xᵢ · inverse), which fits in 8 bits; 0 beyond the vector. Four registers of floats become one of codes.</summary>
    internal static void Round(ReadOnlySpan<float> vector, float inverse, Span<sbyte> codes)
    {
        var width = Vector<float>.Count;
        var i = 0;
        for (; i <= vector.Length - (4 * width); i += 4 * width)
        {
            var low = Vector.Narrow(Rounded(vector[i..], inverse), Rounded(vector[(i + width)..], inverse));
            var high = Vector.Narrow(Rounded(vector[(i + (2 * width))..], inverse), Rounded(vector[(i + (3 * width))..], inverse));
            Vector.Narrow(low, high).CopyTo(codes[i..]);
        }

        RoundScalar(vector[i..], inverse, codes[i..]);
        codes[vector.Length..].Clear();

        static Vector<int> Rounded(ReadOnlySpan<float> floats, float inverse) => Vector.ConvertToInt32(Vector.Round(new Vector<float>(floats) * inverse));
    }

    /// <summary>The definition and the oracle.</summary>
    internal static void RoundScalar(ReadOnlySpan<float> vector, float inverse, Span<sbyte> codes)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(vector[i] * inverse);
        }
    }

    /// <summary>Turns a row's codes into a query's: halves them, ties to even. The scale doubles.</summary>
    public static void CodesToQuery(ReadOnlySpan<byte> codes, Span<sbyte> query)
    {
        query = query[..codes.Length];
        var bytes = MemoryMarshal.AsBytes(query);
        var i = 0;
        var one = Vector<byte>.One;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var c = new Vector<byte>(codes[i..]);
            var half = (c >>> 1) & new Vector<byte>(0x7F);
            ((half + (c & half & one)) - new Vector<byte>(64)).CopyTo(bytes[i..]);
        }

        CodesToQueryScalar(codes[i..], query[i..]);
    }

    /// <summary>The definition and the oracle.</summary>
    public static void CodesToQueryScalar(ReadOnlySpan<byte> codes, Span<sbyte> query)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            var half = codes[i] >> 1;
            query[i] = (sbyte)(half + (codes[i] & half & 1) - 64);
        }
    }

    // A vector of the smallest floats has no inverse scale that is finite; its codes are then all zero, and the floats decide.
    private static (float Scale, float Inverse) Scale(float max, int limit)
    {
        var inverse = limit / max;
        return float.IsFinite(inverse) ? (max / limit, inverse) : (0f, 0f);
    }
}
