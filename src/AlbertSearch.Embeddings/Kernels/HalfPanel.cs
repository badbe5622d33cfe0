using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Weights in 16 bits without loss: those of a binary16 checkpoint below 128. The code is a binary16 whose exponent is counted from
/// 2⁻²⁴ (sign, 5 bits of exponent, 10 of fraction; exponent 0 is zero alone), so that binary16's subnormal numbers are normal here and widening is
/// a shift, a mask and a multiplication by <see cref="Scale"/>, with neither a branch nor a slow subnormal operand. Two codes share a
/// 32-bit word (<see cref="Place"/>), so that one load brings two vectors.
/// </summary>
internal static unsafe class HalfPanel
{
    /// <summary>From the upper half of a word to a binary32's place.</summary>
    public const byte Shift = 3;

    /// <summary>What is left of a word that was shifted with its sign: sign, low exponent bits, fraction.</summary>
    public const int Mask = unchecked((int)0x8FFF_E000);

    /// <summary>2^102: a shifted and masked code times this is the weight.</summary>
    public const float Scale = 5.0706024e30f;

    private const byte BitsOfCode = 16;
    private const int FractionShift = 13;
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
        var code = value == 0 ? 0 : ((((bits >> 23) & 0xFF) - 127 - LeastExponent + 1) << 10) | ((bits >> FractionShift) & 0x3FF);
        return unchecked((short)(sign | code));
    }

    /// <summary>The scalar twin of the widening: the definition.</summary>
    public static float Decode(short code) => BitConverter.Int32BitsToSingle((code << FractionShift) & Mask) * Scale;

    /// <summary>Where a column's code lies in a row: column i's in the upper half of word i, and that of the column half a row further in the lower half.</summary>
    public static int Place(int column, int columns) => column < columns / 2 ? (2 * column) + 1 : 2 * (column - (columns / 2));

    /// <summary>Widens whole rows of a panel.</summary>
    /// <param name="codes">Rows of codes.</param>
    /// <param name="values">Receives the weights, column by column.</param>
    /// <param name="rows">Number of rows.</param>
    internal static void Widen(short* codes, float* values, nint rows)
    {
        if (MatrixTile512.IsSupported)
        {
            var mask = Vector512.Create(Mask);
            var scale = Vector512.Create(Scale);
            for (; rows > 0; rows--, codes += 32, values += 32)
            {
                var words = Avx512F.LoadVector512((int*)codes);
                Avx512F.Store(values, Avx512F.Multiply(Avx512F.And(Avx512F.ShiftRightArithmetic(words, Shift), mask).AsSingle(), scale));
                words = Avx512F.ShiftLeftLogical(words, BitsOfCode);
                Avx512F.Store(values + 16, Avx512F.Multiply(Avx512F.And(Avx512F.ShiftRightArithmetic(words, Shift), mask).AsSingle(), scale));
            }
        }
        else if (Avx2.IsSupported)
        {
            var mask = Vector256.Create(Mask);
            var scale = Vector256.Create(Scale);
            for (; rows > 0; rows--, codes += 16, values += 16)
            {
                var words = Avx.LoadVector256((int*)codes);
                Avx.Store(values, Avx.Multiply(Avx2.And(Avx2.ShiftRightArithmetic(words, Shift), mask).AsSingle(), scale));
                words = Avx2.ShiftLeftLogical(words, BitsOfCode);
                Avx.Store(values + 8, Avx.Multiply(Avx2.And(Avx2.ShiftRightArithmetic(words, Shift), mask).AsSingle(), scale));
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            var mask = Vector128.Create(Mask);
            var scale = Vector128.Create(Scale);
            for (; rows > 0; rows--, codes += 16, values += 16)
            {
                for (var i = 0; i < 8; i += 4)
                {
                    var words = Vector128.Load((int*)codes + i);
                    (((words >> Shift) & mask).AsSingle() * scale).Store(values + i);
                    ((((words << BitsOfCode) >> Shift) & mask).AsSingle() * scale).Store(values + 8 + i);
                }
            }
        }
        else
        {
            for (; rows > 0; rows--, codes += 16, values += 16)
            {
                for (var column = 0; column < 16; column++)
                {
                    values[column] = Decode(codes[Place(column, 16)]);
                }
            }
        }
    }
}
