using System.Numerics;
using System.Runtime.InteropServices;

namespace AlbertSearch.Indexing.Kernels;

/// <summary>CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, as in RFC 3720): detects every change of up to 32 bits in a row.</summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F6_3B78;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => TableEntry((uint)i))];

    /// <summary>The checksum of bytes, or of bytes that follow those of an earlier checksum. Eight bytes an instruction on x64 and arm64.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        var words = BitConverter.IsLittleEndian ? MemoryMarshal.Cast<byte, ulong>(bytes) : [];
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        return AppendScalar(~crc, bytes[(words.Length * sizeof(ulong))..]);
    }

    /// <summary>The definition and the oracle.</summary>
    public static uint AppendScalar(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        foreach (var value in bytes)
        {
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint TableEntry(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
        }

        return value;
    }
}
