using System.Numerics;

namespace AlbertSearch.Indexing.Kernels;

/// <summary>Σ (aᵢ − bᵢ)² of two float vectors of one length, without the cancellation of |a|² + |b|² − 2a·b.</summary>
internal static class SquaredDistance
{
    /// <summary>The distance, a vector register a step.</summary>
    public static float Compute(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        b = b[..a.Length];
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var difference = new Vector<float>(a[i..]) - new Vector<float>(b[i..]);
            sum += difference * difference;
        }

        return Vector.Sum(sum) + Scalar(a[i..], b[i..]);
    }

    /// <summary>The definition and the oracle.</summary>
    public static float Scalar(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }
}
