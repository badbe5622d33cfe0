using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Weights in 16 bits without loss: those of a binary16 checkpoint below 128. The code is a binary16 whose exponent is counted from
/// 2⁻²⁴ (sign, 5 bits of exponent, 10 of fraction; exponent 0 is zero alone), so that binary16's subnormal numbers are normal here and widening is
/// a shift, a mask and a multiplication by <see cref="Scale"/>, with neither a branch nor a slow subnormal operand.
/// </summary>
internal static unsafe class HalfPanel
{
    /// <summary>From the code's place to a binary32's.</summary>
    public const byte Shift = 13;

    /// <summary>What is left of a sign-extended, shifted code: sign, low exponent bits, fraction.</summary>
    public const int Mask = unchecked((int)0x8FFF_E000);

    /// <summary>2^102: a shifted and masked code times this is the weight.</summary>
    public const float Scale = 5.0706024e30f;

    private const int LowFraction = 0x1FFF;
    private const int LeastExponent = -24;
    private const int GreatestExponent = 6;

    /// <summary>Whether every value has a code.</summary>
    public static bool CanHold(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            var bits = BitConverter.SingleToInt32Bits(value);
            var exponent = ((bits >> 23) & 0xFF) - 127;
            if ((bits & LowFraction) != 0 || (value != 0 && exponent is < LeastExponent or > GreatestExponent))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The code of a value that <see cref="CanHold"/> let pass.</summary>
    public static short Encode(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        var sign = (bits >> 16) & 0x8000;
        var code = value == 0 ? 0 : ((((bits >> 23) & 0xFF) - 127 - LeastExponent + 1) << 10) | ((bits >> Shift) & 0x3FF);
        return unchecked((short)(sign | code));
    }

    /// <summary>The scalar twin of the widening: the definition.</summary>
    public static float Decode(short code) => BitConverter.Int32BitsToSingle((code << Shift) & Mask) * Scale;

    /// <summary>Widens codes; about one instruction a weight at 8 lanes.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="values">Receives the weights.</param>
    /// <param name="count">A multiple of 16.</param>
    internal static void Widen(short* codes, float* values, nint count)
    {
        if (MatrixTile512.IsSupported)
        {
            var mask = Vector512.Create(Mask);
            var scale = Vector512.Create(Scale);
            for (nint i = 0; i < count; i += 16)
            {
                var bits = Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Avx.LoadVector256(codes + i)), Shift);
                Avx512F.Store(values + i, Avx512F.Multiply(Avx512F.And(bits, mask).AsSingle(), scale));
            }
        }
        else if (Avx2.IsSupported)
        {
            var mask = Vector256.Create(Mask);
            var scale = Vector256.Create(Scale);
            for (nint i = 0; i < count; i += 8)
            {
                var bits = Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32(codes + i), Shift);
                Avx.Store(values + i, Avx.Multiply(Avx2.And(bits, mask).AsSingle(), scale));
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            var mask = Vector128.Create(Mask);
            var scale = Vector128.Create(Scale);
            for (nint i = 0; i < count; i += 8)
            {
                var (lower, upper) = Vector128.Widen(Vector128.Load(codes + i));
                (((lower << Shift) & mask).AsSingle() * scale).Store(values + i);
                (((upper << Shift) & mask).AsSingle() * scale).Store(values + i + 4);
            }
        }
        else
        {
            for (nint i = 0; i < count; i++)
            {
                values[i] = Decode(codes[i]);
            }
        }
    }
}
