using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// Stored weights to floats, without loss: one read and one write an element, bound by memory. Eight at a time; the scalar twin does
/// the rest and defines the result. Not-a-numbers stay such, their payload is kept by both.
/// </summary>
internal static class Widen
{
    private const uint HalfInfinity = 0x7C00u << 13;
    private const uint SingleInfinity = 0x7F800000;

    // 2^112: binary16's exponent bias is 15, binary32's 127.
    private const uint BiasShift = 0x77800000;

    /// <summary>Little-endian binary32.</summary>
    public static void FromSingle(ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(source).CopyTo(destination);
            return;
        }

        for (int i = 0; i < source.Length / sizeof(float); i++)
        {
            destination[i] = BinaryPrimitives.ReadSingleLittleEndian(source[(i * sizeof(float))..]);
        }
    }

    /// <summary>Little-endian binary16.</summary>
    public static void FromHalf(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int count = source.Length / sizeof(ushort);
        destination = destination[..count];
        int i = 0;
        if (Vector256.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(source);
            var shift = Vector256.Create(BiasShift).AsSingle();
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                Vector256<uint> half = Load(bits, i);
                Vector256<uint> magnitude = (half & Vector256.Create(0x7FFFu)) << 13;
                Vector256<uint> sign = (half & Vector256.Create(0x8000u)) << 16;
                Vector256<uint> special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(HalfInfinity)) & Vector256.Create(SingleInfinity);

                // The multiplication would make not-a-numbers quiet: they take the other branch.
                Vector256<uint> finite = (magnitude.AsSingle() * shift).AsUInt32();
                Vector256<uint> value = Vector256.ConditionalSelect(Vector256.Equals(special, Vector256<uint>.Zero), finite, magnitude | special);
                (value | sign).AsSingle().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)i);
            }
        }

        FromHalfScalar(source[(i * sizeof(ushort))..], destination[i..]);
    }

    /// <summary>Little-endian bfloat16: the upper half of a binary32.</summary>
    public static void FromBrain(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int count = source.Length / sizeof(ushort);
        destination = destination[..count];
        int i = 0;
        if (Vector256.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(source);
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                (Load(bits, i) << 16).AsSingle().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)i);
            }
        }

        FromBrainScalar(source[(i * sizeof(ushort))..], destination[i..]);
    }

    /// <summary>Scalar twin of <see cref="FromHalf"/>.</summary>
    public static void FromHalfScalar(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            uint half = BinaryPrimitives.ReadUInt16LittleEndian(source[(i * sizeof(ushort))..]);
            uint magnitude = (half & 0x7FFF) << 13;
            uint sign = (half & 0x8000) << 16;
            uint value = magnitude >= HalfInfinity
                ? magnitude | SingleInfinity
                : BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) * BitConverter.UInt32BitsToSingle(BiasShift));
            destination[i] = BitConverter.UInt32BitsToSingle(value | sign);
        }
    }

    /// <summary>Scalar twin of <see cref="FromBrain"/>.</summary>
    public static void FromBrainScalar(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(source[(i * sizeof(ushort))..]) << 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Load(ReadOnlySpan<ushort> source, int index)
    {
        (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)index));
        return Vector256.Create(lower, upper);
    }
}
