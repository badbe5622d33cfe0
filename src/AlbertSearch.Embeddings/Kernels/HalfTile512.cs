using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// The micro-kernels of <see cref="MatrixTile512"/> over 16-bit panels (<see cref="HalfPanel"/>), widened in registers: a text of a few
/// tokens is bound by reading the weights, and these are half as many bytes. The caller has scaled a by <see cref="HalfPanel.Scale"/>, so that widening is
/// a shift and a mask; a power of two changes no rounding, so the sums are bit-identical to those over 32-bit panels. The lower codes of a row's
/// words are brought up by a load from 2 bytes before, which costs the arithmetic units nothing: there must be a code before the first.
/// </summary>
internal static unsafe class HalfTile512
{
    /// <summary>Whether the processor has them.</summary>
    public static bool IsSupported => Avx512F.IsSupported;

    /// <summary>Twelve rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows12(float* a, nint stride, short* b, nint depth, float* c, nint cStride)
    {
        var a0 = (byte*)a;
        var a3 = (byte*)(a + (3 * stride));
        var a6 = (byte*)(a + (6 * stride));
        var a9 = (byte*)(a + (9 * stride));
        var step = stride * sizeof(float);
        var mask = Vector512.Create(HalfPanel.Mask);
        var c0 = c;
        var c1 = c + cStride;
        var c2 = c + (2 * cStride);
        var c3 = c + (3 * cStride);
        var c4 = c + (4 * cStride);
        var c5 = c + (5 * cStride);
        var c6 = c + (6 * cStride);
        var c7 = c + (7 * cStride);
        var c8 = c + (8 * cStride);
        var c9 = c + (9 * cStride);
        var c10 = c + (10 * cStride);
        var c11 = c + (11 * cStride);
        var s0a = Avx512F.LoadVector512(c0);
        var s0b = Avx512F.LoadVector512(c0 + 16);
        var s1a = Avx512F.LoadVector512(c1);
        var s1b = Avx512F.LoadVector512(c1 + 16);
        var s2a = Avx512F.LoadVector512(c2);
        var s2b = Avx512F.LoadVector512(c2 + 16);
        var s3a = Avx512F.LoadVector512(c3);
        var s3b = Avx512F.LoadVector512(c3 + 16);
        var s4a = Avx512F.LoadVector512(c4);
        var s4b = Avx512F.LoadVector512(c4 + 16);
        var s5a = Avx512F.LoadVector512(c5);
        var s5b = Avx512F.LoadVector512(c5 + 16);
        var s6a = Avx512F.LoadVector512(c6);
        var s6b = Avx512F.LoadVector512(c6 + 16);
        var s7a = Avx512F.LoadVector512(c7);
        var s7b = Avx512F.LoadVector512(c7 + 16);
        var s8a = Avx512F.LoadVector512(c8);
        var s8b = Avx512F.LoadVector512(c8 + 16);
        var s9a = Avx512F.LoadVector512(c9);
        var s9b = Avx512F.LoadVector512(c9 + 16);
        var s10a = Avx512F.LoadVector512(c10);
        var s10b = Avx512F.LoadVector512(c10 + 16);
        var s11a = Avx512F.LoadVector512(c11);
        var s11b = Avx512F.LoadVector512(c11 + 16);

        for (; depth > 0; depth--)
        {
            Sse.Prefetch0(b + 2048);
            var b0 = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.LoadVector512((int*)b), HalfPanel.Shift), mask).AsSingle();
            var b1 = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.LoadVector512((int*)(b - 1)), HalfPanel.Shift), mask).AsSingle();
            var x = Vector512.Create(*(float*)a0);
            s0a = Avx512F.FusedMultiplyAdd(x, b0, s0a);
            s0b = Avx512F.FusedMultiplyAdd(x, b1, s0b);
            x = Vector512.Create(*(float*)(a0 + step));
            s1a = Avx512F.FusedMultiplyAdd(x, b0, s1a);
            s1b = Avx512F.FusedMultiplyAdd(x, b1, s1b);
            x = Vector512.Create(*(float*)(a0 + (2 * step)));
            s2a = Avx512F.FusedMultiplyAdd(x, b0, s2a);
            s2b = Avx512F.FusedMultiplyAdd(x, b1, s2b);
            x = Vector512.Create(*(float*)a3);
            s3a = Avx512F.FusedMultiplyAdd(x, b0, s3a);
            s3b = Avx512F.FusedMultiplyAdd(x, b1, s3b);
            x = Vector512.Create(*(float*)(a3 + step));
            s4a = Avx512F.FusedMultiplyAdd(x, b0, s4a);
            s4b = Avx512F.FusedMultiplyAdd(x, b1, s4b);
            x = Vector512.Create(*(float*)(a3 + (2 * step)));
            s5a = Avx512F.FusedMultiplyAdd(x, b0, s5a);
            s5b = Avx512F.FusedMultiplyAdd(x, b1, s5b);
            x = Vector512.Create(*(float*)a6);
            s6a = Avx512F.FusedMultiplyAdd(x, b0, s6a);
            s6b = Avx512F.FusedMultiplyAdd(x, b1, s6b);
            x = Vector512.Create(*(float*)(a6 + step));
            s7a = Avx512F.FusedMultiplyAdd(x, b0, s7a);
            s7b = Avx512F.FusedMultiplyAdd(x, b1, s7b);
            x = Vector512.Create(*(float*)(a6 + (2 * step)));
            s8a = Avx512F.FusedMultiplyAdd(x, b0, s8a);
            s8b = Avx512F.FusedMultiplyAdd(x, b1, s8b);
            x = Vector512.Create(*(float*)a9);
            s9a = Avx512F.FusedMultiplyAdd(x, b0, s9a);
            s9b = Avx512F.FusedMultiplyAdd(x, b1, s9b);
            x = Vector512.Create(*(float*)(a9 + step));
            s10a = Avx512F.FusedMultiplyAdd(x, b0, s10a);
            s10b = Avx512F.FusedMultiplyAdd(x, b1, s10b);
            x = Vector512.Create(*(float*)(a9 + (2 * step)));
            s11a = Avx512F.FusedMultiplyAdd(x, b0, s11a);
            s11b = Avx512F.FusedMultiplyAdd(x, b1, s11b);
            b += 32;
            a0 += sizeof(float);
            a3 += sizeof(float);
            a6 += sizeof(float);
            a9 += sizeof(float);
        }

        Avx512F.Store(c0, s0a);
        Avx512F.Store(c0 + 16, s0b);
        Avx512F.Store(c1, s1a);
        Avx512F.Store(c1 + 16, s1b);
        Avx512F.Store(c2, s2a);
        Avx512F.Store(c2 + 16, s2b);
        Avx512F.Store(c3, s3a);
        Avx512F.Store(c3 + 16, s3b);
        Avx512F.Store(c4, s4a);
        Avx512F.Store(c4 + 16, s4b);
        Avx512F.Store(c5, s5a);
        Avx512F.Store(c5 + 16, s5b);
        Avx512F.Store(c6, s6a);
        Avx512F.Store(c6 + 16, s6b);
        Avx512F.Store(c7, s7a);
        Avx512F.Store(c7 + 16, s7b);
        Avx512F.Store(c8, s8a);
        Avx512F.Store(c8 + 16, s8b);
        Avx512F.Store(c9, s9a);
        Avx512F.Store(c9 + 16, s9b);
        Avx512F.Store(c10, s10a);
        Avx512F.Store(c10 + 16, s10b);
        Avx512F.Store(c11, s11a);
        Avx512F.Store(c11 + 16, s11b);
    }

    /// <summary>Eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows8(float* a, nint stride, short* b, nint depth, float* c, nint cStride)
    {
        var a0 = (byte*)a;
        var a3 = (byte*)(a + (3 * stride));
        var a6 = (byte*)(a + (6 * stride));
        var step = stride * sizeof(float);
        var mask = Vector512.Create(HalfPanel.Mask);
        var c0 = c;
        var c1 = c + cStride;
        var c2 = c + (2 * cStride);
        var c3 = c + (3 * cStride);
        var c4 = c + (4 * cStride);
        var c5 = c + (5 * cStride);
        var c6 = c + (6 * cStride);
        var c7 = c + (7 * cStride);
        var s0a = Avx512F.LoadVector512(c0);
        var s0b = Avx512F.LoadVector512(c0 + 16);
        var s1a = Avx512F.LoadVector512(c1);
        var s1b = Avx512F.LoadVector512(c1 + 16);
        var s2a = Avx512F.LoadVector512(c2);
        var s2b = Avx512F.LoadVector512(c2 + 16);
        var s3a = Avx512F.LoadVector512(c3);
        var s3b = Avx512F.LoadVector512(c3 + 16);
        var s4a = Avx512F.LoadVector512(c4);
        var s4b = Avx512F.LoadVector512(c4 + 16);
        var s5a = Avx512F.LoadVector512(c5);
        var s5b = Avx512F.LoadVector512(c5 + 16);
        var s6a = Avx512F.LoadVector512(c6);
        var s6b = Avx512F.LoadVector512(c6 + 16);
        var s7a = Avx512F.LoadVector512(c7);
        var s7b = Avx512F.LoadVector512(c7 + 16);

        for (; depth > 0; depth--)
        {
            Sse.Prefetch0(b + 2048);
            var b0 = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.LoadVector512((int*)b), HalfPanel.Shift), mask).AsSingle();
            var b1 = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.LoadVector512((int*)(b - 1)), HalfPanel.Shift), mask).AsSingle();
            var x = Vector512.Create(*(float*)a0);
            s0a = Avx512F.FusedMultiplyAdd(x, b0, s0a);
            s0b = Avx512F.FusedMultiplyAdd(x, b1, s0b);
            x = Vector512.Create(*(float*)(a0 + step));
            s1a = Avx512F.FusedMultiplyAdd(x, b0, s1a);
            s1b = Avx512F.FusedMultiplyAdd(x, b1, s1b);
            x = Vector512.Create(*(float*)(a0 + (2 * step)));
            s2a = Avx512F.FusedMultiplyAdd(x, b0, s2a);
            s2b = Avx512F.FusedMultiplyAdd(x, b1, s2b);
            x = Vector512.Create(*(float*)a3);
            s3a = Avx512F.FusedMultiplyAdd(x, b0, s3a);
            s3b = Avx512F.FusedMultiplyAdd(x, b1, s3b);
            x = Vector512.Create(*(float*)(a3 + step));
            s4a = Avx512F.FusedMultiplyAdd(x, b0, s4a);
            s4b = Avx512F.FusedMultiplyAdd(x, b1, s4b);
            x = Vector512.Create(*(float*)(a3 + (2 * step)));
            s5a = Avx512F.FusedMultiplyAdd(x, b0, s5a);
            s5b = Avx512F.FusedMultiplyAdd(x, b1, s5b);
            x = Vector512.Create(*(float*)a6);
            s6a = Avx512F.FusedMultiplyAdd(x, b0, s6a);
            s6b = Avx512F.FusedMultiplyAdd(x, b1, s6b);
            x = Vector512.Create(*(float*)(a6 + step));
            s7a = Avx512F.FusedMultiplyAdd(x, b0, s7a);
            s7b = Avx512F.FusedMultiplyAdd(x, b1, s7b);
            b += 32;
            a0 += sizeof(float);
            a3 += sizeof(float);
            a6 += sizeof(float);
        }

        Avx512F.Store(c0, s0a);
        Avx512F.Store(c0 + 16, s0b);
        Avx512F.Store(c1, s1a);
        Avx512F.Store(c1 + 16, s1b);
        Avx512F.Store(c2, s2a);
        Avx512F.Store(c2 + 16, s2b);
        Avx512F.Store(c3, s3a);
        Avx512F.Store(c3 + 16, s3b);
        Avx512F.Store(c4, s4a);
        Avx512F.Store(c4 + 16, s4b);
        Avx512F.Store(c5, s5a);
        Avx512F.Store(c5 + 16, s5b);
        Avx512F.Store(c6, s6a);
        Avx512F.Store(c6 + 16, s6b);
        Avx512F.Store(c7, s7a);
        Avx512F.Store(c7 + 16, s7b);
    }

    /// <summary>Four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(float* a, nint stride, short* b, nint depth, float* c, nint cStride)
    {
        var a0 = (byte*)a;
        var a3 = (byte*)(a + (3 * stride));
        var step = stride * sizeof(float);
        var mask = Vector512.Create(HalfPanel.Mask);
        var c0 = c;
        var c1 = c + cStride;
        var c2 = c + (2 * cStride);
        var c3 = c + (3 * cStride);
        var s0a = Avx512F.LoadVector512(c0);
        var s0b = Avx512F.LoadVector512(c0 + 16);
        var s1a = Avx512F.LoadVector512(c1);
        var s1b = Avx512F.LoadVector512(c1 + 16);
        var s2a = Avx512F.LoadVector512(c2);
        var s2b = Avx512F.LoadVector512(c2 + 16);
        var s3a = Avx512F.LoadVector512(c3);
        var s3b = Avx512F.LoadVector512(c3 + 16);

        for (; depth > 0; depth--)
        {
            Sse.Prefetch0(b + 2048);
            var b0 = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.LoadVector512((int*)b), HalfPanel.Shift), mask).AsSingle();
            var b1 = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.LoadVector512((int*)(b - 1)), HalfPanel.Shift), mask).AsSingle();
            var x = Vector512.Create(*(float*)a0);
            s0a = Avx512F.FusedMultiplyAdd(x, b0, s0a);
            s0b = Avx512F.FusedMultiplyAdd(x, b1, s0b);
            x = Vector512.Create(*(float*)(a0 + step));
            s1a = Avx512F.FusedMultiplyAdd(x, b0, s1a);
            s1b = Avx512F.FusedMultiplyAdd(x, b1, s1b);
            x = Vector512.Create(*(float*)(a0 + (2 * step)));
            s2a = Avx512F.FusedMultiplyAdd(x, b0, s2a);
            s2b = Avx512F.FusedMultiplyAdd(x, b1, s2b);
            x = Vector512.Create(*(float*)a3);
            s3a = Avx512F.FusedMultiplyAdd(x, b0, s3a);
            s3b = Avx512F.FusedMultiplyAdd(x, b1, s3b);
            b += 32;
            a0 += sizeof(float);
            a3 += sizeof(float);
        }

        Avx512F.Store(c0, s0a);
        Avx512F.Store(c0 + 16, s0b);
        Avx512F.Store(c1, s1a);
        Avx512F.Store(c1 + 16, s1b);
        Avx512F.Store(c2, s2a);
        Avx512F.Store(c2 + 16, s2b);
        Avx512F.Store(c3, s3a);
        Avx512F.Store(c3 + 16, s3b);
    }
}
