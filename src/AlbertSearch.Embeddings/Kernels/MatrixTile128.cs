using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Micro-kernel of the matrix product in the portable operations of <see cref="Vector128"/> (NEON, SSE): four rows, and the panel's
/// sixteen columns in two halves, so that the eight sums, the two registers of b and the broadcast fit in sixteen registers.
/// </summary>
internal static unsafe class MatrixTile128
{
    /// <summary>Whether the processor has them.</summary>
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    /// <summary>c[r, 0…15] += Σₖ a[r, k] · b[k, 0…15] for four rows.</summary>
    public static void Rows4(float* a, nint stride, float* b, nint depth, float* c, nint cStride)
    {
        Half(a, stride, b, depth, c, cStride);
        Half(a, stride, b + 8, depth, c + 8, cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Half(float* a, nint stride, float* b, nint depth, float* c, nint cStride)
    {
        var s0a = Vector128.Load(c);
        var s0b = Vector128.Load(c + 4);
        var s1a = Vector128.Load(c + cStride);
        var s1b = Vector128.Load(c + cStride + 4);
        var s2a = Vector128.Load(c + (2 * cStride));
        var s2b = Vector128.Load(c + (2 * cStride) + 4);
        var s3a = Vector128.Load(c + (3 * cStride));
        var s3b = Vector128.Load(c + (3 * cStride) + 4);
        for (; depth > 0; depth--)
        {
            var b0 = Vector128.Load(b);
            var b1 = Vector128.Load(b + 4);
            var x = Vector128.Create(a[0]);
            s0a = Vector128.MultiplyAddEstimate(x, b0, s0a);
            s0b = Vector128.MultiplyAddEstimate(x, b1, s0b);
            x = Vector128.Create(a[stride]);
            s1a = Vector128.MultiplyAddEstimate(x, b0, s1a);
            s1b = Vector128.MultiplyAddEstimate(x, b1, s1b);
            x = Vector128.Create(a[2 * stride]);
            s2a = Vector128.MultiplyAddEstimate(x, b0, s2a);
            s2b = Vector128.MultiplyAddEstimate(x, b1, s2b);
            x = Vector128.Create(a[3 * stride]);
            s3a = Vector128.MultiplyAddEstimate(x, b0, s3a);
            s3b = Vector128.MultiplyAddEstimate(x, b1, s3b);
            a++;
            b += 16;
        }

        s0a.Store(c);
        s0b.Store(c + 4);
        s1a.Store(c + cStride);
        s1b.Store(c + cStride + 4);
        s2a.Store(c + (2 * cStride));
        s2b.Store(c + (2 * cStride) + 4);
        s3a.Store(c + (3 * cStride));
        s3b.Store(c + (3 * cStride) + 4);
    }
}
