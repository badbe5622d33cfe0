using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>The micro-kernels of <see cref="QuantizedTile512"/> on AVX2, for panels of 16 columns; with AVX-VNNI's 8-bit dot product where the processor has it.</summary>
internal static unsafe class QuantizedTile256
{
    /// <summary>Whether the processor has them.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Four rows: 8 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(byte* a, nint stride, sbyte* b, nint steps, int* sums)
    {
        var ones = Vector256.Create((short)1);
        var s0a = Vector256<int>.Zero;
        var s0b = Vector256<int>.Zero;
        var s1a = Vector256<int>.Zero;
        var s1b = Vector256<int>.Zero;
        var s2a = Vector256<int>.Zero;
        var s2b = Vector256<int>.Zero;
        var s3a = Vector256<int>.Zero;
        var s3b = Vector256<int>.Zero;

        for (; steps > 0; steps--)
        {
            var b0a = Avx.LoadVector256(b);
            var b0b = Avx.LoadVector256(b + 32);
            var b1a = Avx.LoadVector256(b + 64);
            var b1b = Avx.LoadVector256(b + 96);
            var x = Vector256.Create(*(int*)a).AsByte();
            var y = Vector256.Create(*(int*)(a + 4)).AsByte();
            s0a = Add(s0a, x, b0a, y, b1a, ones);
            s0b = Add(s0b, x, b0b, y, b1b, ones);
            x = Vector256.Create(*(int*)(a + stride)).AsByte();
            y = Vector256.Create(*(int*)(a + stride + 4)).AsByte();
            s1a = Add(s1a, x, b0a, y, b1a, ones);
            s1b = Add(s1b, x, b0b, y, b1b, ones);
            x = Vector256.Create(*(int*)(a + (2 * stride))).AsByte();
            y = Vector256.Create(*(int*)(a + (2 * stride) + 4)).AsByte();
            s2a = Add(s2a, x, b0a, y, b1a, ones);
            s2b = Add(s2b, x, b0b, y, b1b, ones);
            x = Vector256.Create(*(int*)(a + (3 * stride))).AsByte();
            y = Vector256.Create(*(int*)(a + (3 * stride) + 4)).AsByte();
            s3a = Add(s3a, x, b0a, y, b1a, ones);
            s3b = Add(s3b, x, b0b, y, b1b, ones);
            b += 128;
            a += 8;
        }

        Avx.Store(sums, s0a);
        Avx.Store(sums + 8, s0b);
        Avx.Store(sums + 16, s1a);
        Avx.Store(sums + 24, s1b);
        Avx.Store(sums + 32, s2a);
        Avx.Store(sums + 40, s2b);
        Avx.Store(sums + 48, s3a);
        Avx.Store(sums + 56, s3b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, Vector256<byte> x, Vector256<sbyte> b0, Vector256<byte> y, Vector256<sbyte> b1, Vector256<short> ones)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(AvxVnni.MultiplyWideningAndAdd(sum, x, b0), y, b1);
        }

        var pairs = Avx2.Add(Avx2.MultiplyAddAdjacent(x, b0), Avx2.MultiplyAddAdjacent(y, b1));
        return Avx2.Add(sum, Avx2.MultiplyAddAdjacent(pairs, ones));
    }
}
