using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Micro-kernels of the matrix product on AVX2 with FMA: c[r, 0…15] += Σₖ a[r, k] · b[k, 0…15], with b a panel of 16 columns,
/// depth-major. Six rows keep 12 of the 16 registers busy as sums. Sums run in the order of k, one rounding a step.
/// </summary>
internal static unsafe class MatrixTile256
{
    /// <summary>Columns of a panel.</summary>
    public const int Columns = 16;

    /// <summary>Whether the processor has them.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Six rows: 12 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6(float* a, nint stride, float* b, nint depth, float* c, nint cStride)
    {
        var a0 = (byte*)a;
        var a3 = (byte*)(a + (3 * stride));
        var step = stride * sizeof(float);
        var c0 = c;
        var c1 = c + cStride;
        var c2 = c + (2 * cStride);
        var c3 = c + (3 * cStride);
        var c4 = c + (4 * cStride);
        var c5 = c + (5 * cStride);
        var s0a = Avx.LoadVector256(c0);
        var s0b = Avx.LoadVector256(c0 + 8);
        var s1a = Avx.LoadVector256(c1);
        var s1b = Avx.LoadVector256(c1 + 8);
        var s2a = Avx.LoadVector256(c2);
        var s2b = Avx.LoadVector256(c2 + 8);
        var s3a = Avx.LoadVector256(c3);
        var s3b = Avx.LoadVector256(c3 + 8);
        var s4a = Avx.LoadVector256(c4);
        var s4b = Avx.LoadVector256(c4 + 8);
        var s5a = Avx.LoadVector256(c5);
        var s5b = Avx.LoadVector256(c5 + 8);

        for (; depth > 0; depth--)
        {
            var b0 = Avx.LoadVector256(b);
            var b1 = Avx.LoadVector256(b + 8);
            var x = Vector256.Create(*(float*)a0);
            s0a = Fma.MultiplyAdd(x, b0, s0a);
            s0b = Fma.MultiplyAdd(x, b1, s0b);
            x = Vector256.Create(*(float*)(a0 + step));
            s1a = Fma.MultiplyAdd(x, b0, s1a);
            s1b = Fma.MultiplyAdd(x, b1, s1b);
            x = Vector256.Create(*(float*)(a0 + (2 * step)));
            s2a = Fma.MultiplyAdd(x, b0, s2a);
            s2b = Fma.MultiplyAdd(x, b1, s2b);
            x = Vector256.Create(*(float*)a3);
            s3a = Fma.MultiplyAdd(x, b0, s3a);
            s3b = Fma.MultiplyAdd(x, b1, s3b);
            x = Vector256.Create(*(float*)(a3 + step));
            s4a = Fma.MultiplyAdd(x, b0, s4a);
            s4b = Fma.MultiplyAdd(x, b1, s4b);
            x = Vector256.Create(*(float*)(a3 + (2 * step)));
            s5a = Fma.MultiplyAdd(x, b0, s5a);
            s5b = Fma.MultiplyAdd(x, b1, s5b);
            b += 16;
            a0 += sizeof(float);
            a3 += sizeof(float);
        }

        Avx.Store(c0, s0a);
        Avx.Store(c0 + 8, s0b);
        Avx.Store(c1, s1a);
        Avx.Store(c1 + 8, s1b);
        Avx.Store(c2, s2a);
        Avx.Store(c2 + 8, s2b);
        Avx.Store(c3, s3a);
        Avx.Store(c3 + 8, s3b);
        Avx.Store(c4, s4a);
        Avx.Store(c4 + 8, s4b);
        Avx.Store(c5, s5a);
        Avx.Store(c5 + 8, s5b);
    }

    /// <summary>Four rows, for the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(float* a, nint stride, float* b, nint depth, float* c, nint cStride)
    {
        var a0 = (byte*)a;
        var a3 = (byte*)(a + (3 * stride));
        var step = stride * sizeof(float);
        var c0 = c;
        var c1 = c + cStride;
        var c2 = c + (2 * cStride);
        var c3 = c + (3 * cStride);
        var s0a = Avx.LoadVector256(c0);
        var s0b = Avx.LoadVector256(c0 + 8);
        var s1a = Avx.LoadVector256(c1);
        var s1b = Avx.LoadVector256(c1 + 8);
        var s2a = Avx.LoadVector256(c2);
        var s2b = Avx.LoadVector256(c2 + 8);
        var s3a = Avx.LoadVector256(c3);
        var s3b = Avx.LoadVector256(c3 + 8);

        for (; depth > 0; depth--)
        {
            var b0 = Avx.LoadVector256(b);
            var b1 = Avx.LoadVector256(b + 8);
            var x = Vector256.Create(*(float*)a0);
            s0a = Fma.MultiplyAdd(x, b0, s0a);
            s0b = Fma.MultiplyAdd(x, b1, s0b);
            x = Vector256.Create(*(float*)(a0 + step));
            s1a = Fma.MultiplyAdd(x, b0, s1a);
            s1b = Fma.MultiplyAdd(x, b1, s1b);
            x = Vector256.Create(*(float*)(a0 + (2 * step)));
            s2a = Fma.MultiplyAdd(x, b0, s2a);
            s2b = Fma.MultiplyAdd(x, b1, s2b);
            x = Vector256.Create(*(float*)a3);
            s3a = Fma.MultiplyAdd(x, b0, s3a);
            s3b = Fma.MultiplyAdd(x, b1, s3b);
            b += 16;
            a0 += sizeof(float);
            a3 += sizeof(float);
        }

        Avx.Store(c0, s0a);
        Avx.Store(c0 + 8, s0b);
        Avx.Store(c1, s1a);
        Avx.Store(c1 + 8, s1b);
        Avx.Store(c2, s2a);
        Avx.Store(c2 + 8, s2b);
        Avx.Store(c3, s3a);
        Avx.Store(c3 + 8, s3b);
    }
}
