using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Micro-kernels of the 8-bit product on AVX-512BW: sums[r, 0…31] = Σₖ a[r, k] · b[k, 0…31], a of 0 … 127 and b of −63 … 63, eight k a step.
/// Without 8-bit dot products, u8 · s8 pairs are added in 16 bits (2 · 127 · 63 = 16,002), two such pairs still fit (32,004 &lt; 32,768), and only then the
/// sum is widened: five instructions for 128 multiply-adds. Integer sums are exact, so every width gives the same result.
/// </summary>
internal static unsafe class QuantizedTile512
{
    /// <summary>Whether the processor has them.</summary>
    public static bool IsSupported => MatrixTile512.IsSupported && Avx512BW.IsSupported;

    /// <summary>Eight rows: 16 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows8(byte* a, nint stride, sbyte* b, nint steps, int* sums)
    {
        var a0 = a;
        var a3 = a + (3 * stride);
        var a6 = a + (6 * stride);
        var ones = Vector512.Create((short)1);
        var s0a = Vector512<int>.Zero;
        var s0b = Vector512<int>.Zero;
        var s1a = Vector512<int>.Zero;
        var s1b = Vector512<int>.Zero;
        var s2a = Vector512<int>.Zero;
        var s2b = Vector512<int>.Zero;
        var s3a = Vector512<int>.Zero;
        var s3b = Vector512<int>.Zero;
        var s4a = Vector512<int>.Zero;
        var s4b = Vector512<int>.Zero;
        var s5a = Vector512<int>.Zero;
        var s5b = Vector512<int>.Zero;
        var s6a = Vector512<int>.Zero;
        var s6b = Vector512<int>.Zero;
        var s7a = Vector512<int>.Zero;
        var s7b = Vector512<int>.Zero;

        for (; steps > 0; steps--)
        {
            var b0a = Avx512BW.LoadVector512(b);
            var b0b = Avx512BW.LoadVector512(b + 64);
            var b1a = Avx512BW.LoadVector512(b + 128);
            var b1b = Avx512BW.LoadVector512(b + 192);
            var x = Vector512.Create(*(int*)a0).AsByte();
            var y = Vector512.Create(*(int*)(a0 + 4)).AsByte();
            s0a = Add(s0a, x, b0a, y, b1a, ones);
            s0b = Add(s0b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a0 + stride)).AsByte();
            y = Vector512.Create(*(int*)(a0 + stride + 4)).AsByte();
            s1a = Add(s1a, x, b0a, y, b1a, ones);
            s1b = Add(s1b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a0 + (2 * stride))).AsByte();
            y = Vector512.Create(*(int*)(a0 + (2 * stride) + 4)).AsByte();
            s2a = Add(s2a, x, b0a, y, b1a, ones);
            s2b = Add(s2b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)a3).AsByte();
            y = Vector512.Create(*(int*)(a3 + 4)).AsByte();
            s3a = Add(s3a, x, b0a, y, b1a, ones);
            s3b = Add(s3b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a3 + stride)).AsByte();
            y = Vector512.Create(*(int*)(a3 + stride + 4)).AsByte();
            s4a = Add(s4a, x, b0a, y, b1a, ones);
            s4b = Add(s4b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a3 + (2 * stride))).AsByte();
            y = Vector512.Create(*(int*)(a3 + (2 * stride) + 4)).AsByte();
            s5a = Add(s5a, x, b0a, y, b1a, ones);
            s5b = Add(s5b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)a6).AsByte();
            y = Vector512.Create(*(int*)(a6 + 4)).AsByte();
            s6a = Add(s6a, x, b0a, y, b1a, ones);
            s6b = Add(s6b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a6 + stride)).AsByte();
            y = Vector512.Create(*(int*)(a6 + stride + 4)).AsByte();
            s7a = Add(s7a, x, b0a, y, b1a, ones);
            s7b = Add(s7b, x, b0b, y, b1b, ones);
            b += 256;
            a0 += 8;
            a3 += 8;
            a6 += 8;
        }

        Avx512F.Store(sums, s0a);
        Avx512F.Store(sums + 16, s0b);
        Avx512F.Store(sums + 32, s1a);
        Avx512F.Store(sums + 48, s1b);
        Avx512F.Store(sums + 64, s2a);
        Avx512F.Store(sums + 80, s2b);
        Avx512F.Store(sums + 96, s3a);
        Avx512F.Store(sums + 112, s3b);
        Avx512F.Store(sums + 128, s4a);
        Avx512F.Store(sums + 144, s4b);
        Avx512F.Store(sums + 160, s5a);
        Avx512F.Store(sums + 176, s5b);
        Avx512F.Store(sums + 192, s6a);
        Avx512F.Store(sums + 208, s6b);
        Avx512F.Store(sums + 224, s7a);
        Avx512F.Store(sums + 240, s7b);
    }

    /// <summary>Four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(byte* a, nint stride, sbyte* b, nint steps, int* sums)
    {
        var a0 = a;
        var a3 = a + (3 * stride);
        var ones = Vector512.Create((short)1);
        var s0a = Vector512<int>.Zero;
        var s0b = Vector512<int>.Zero;
        var s1a = Vector512<int>.Zero;
        var s1b = Vector512<int>.Zero;
        var s2a = Vector512<int>.Zero;
        var s2b = Vector512<int>.Zero;
        var s3a = Vector512<int>.Zero;
        var s3b = Vector512<int>.Zero;

        for (; steps > 0; steps--)
        {
            var b0a = Avx512BW.LoadVector512(b);
            var b0b = Avx512BW.LoadVector512(b + 64);
            var b1a = Avx512BW.LoadVector512(b + 128);
            var b1b = Avx512BW.LoadVector512(b + 192);
            var x = Vector512.Create(*(int*)a0).AsByte();
            var y = Vector512.Create(*(int*)(a0 + 4)).AsByte();
            s0a = Add(s0a, x, b0a, y, b1a, ones);
            s0b = Add(s0b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a0 + stride)).AsByte();
            y = Vector512.Create(*(int*)(a0 + stride + 4)).AsByte();
            s1a = Add(s1a, x, b0a, y, b1a, ones);
            s1b = Add(s1b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)(a0 + (2 * stride))).AsByte();
            y = Vector512.Create(*(int*)(a0 + (2 * stride) + 4)).AsByte();
            s2a = Add(s2a, x, b0a, y, b1a, ones);
            s2b = Add(s2b, x, b0b, y, b1b, ones);
            x = Vector512.Create(*(int*)a3).AsByte();
            y = Vector512.Create(*(int*)(a3 + 4)).AsByte();
            s3a = Add(s3a, x, b0a, y, b1a, ones);
            s3b = Add(s3b, x, b0b, y, b1b, ones);
            b += 256;
            a0 += 8;
            a3 += 8;
        }

        Avx512F.Store(sums, s0a);
        Avx512F.Store(sums + 16, s0b);
        Avx512F.Store(sums + 32, s1a);
        Avx512F.Store(sums + 48, s1b);
        Avx512F.Store(sums + 64, s2a);
        Avx512F.Store(sums + 80, s2b);
        Avx512F.Store(sums + 96, s3a);
        Avx512F.Store(sums + 112, s3b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Add(Vector512<int> sum, Vector512<byte> x, Vector512<sbyte> b0, Vector512<byte> y, Vector512<sbyte> b1, Vector512<short> ones)
    {
        var pairs = Avx512BW.Add(Avx512BW.MultiplyAddAdjacent(x, b0), Avx512BW.MultiplyAddAdjacent(y, b1));
        return Avx512F.Add(sum, Avx512BW.MultiplyAddAdjacent(pairs, ones));
    }
}
