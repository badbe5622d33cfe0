using System.Numerics;
using System.Runtime.InteropServices;

namespace AlbertSearch.Indexing.Kernels;

/// <summary>Facts about a vector that take one pass over it.</summary>
internal static class VectorScan
{
    private const int ExponentBits = 0x7F80_0000;

    /// <summary>Whether no float is NaN or infinite: none has all bits of its exponent set.</summary>
    public static bool AllFinite(ReadOnlySpan<float> vector)
    {
        var bits = MemoryMarshal.Cast<float, int>(vector);
        var mask = new Vector<int>(ExponentBits);
        var bad = Vector<int>.Zero;
        var i = 0;
        for (; i <= bits.Length - Vector<int>.Count; i += Vector<int>.Count)
        {
            bad |= Vector.Equals(new Vector<int>(bits[i..]) & mask, mask);
        }

        return bad == Vector<int>.Zero && AllFiniteScalar(vector[i..]);
    }

    /// <summary>The definition and the oracle.</summary>
    public static bool AllFiniteScalar(ReadOnlySpan<float> vector)
    {
        foreach (var value in vector)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>max |xᵢ| of finite floats; 0 when there are none.</summary>
    public static float MaxMagnitude(ReadOnlySpan<float> vector)
    {
        var most = Vector<float>.Zero;
        var i = 0;
        for (; i <= vector.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            most = Vector.Max(most, Vector.Abs(new Vector<float>(vector[i..])));
        }

        var max = MaxMagnitudeScalar(vector[i..]);
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            max = Math.Max(max, most[lane]);
        }

        return max;
    }

    /// <summary>The definition and the oracle.</summary>
    public static float MaxMagnitudeScalar(ReadOnlySpan<float> vector)
    {
        var max = 0f;
        foreach (var value in vector)
        {
            max = Math.Max(max, Math.Abs(value));
        }

        return max;
    }
}
