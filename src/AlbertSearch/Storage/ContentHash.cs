using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AlbertSearch.Storage;

/// <summary>SHA-256 of a text's UTF-8: texts with one hash have one vector under one model.</summary>
/// <param name="High">The first 16 bytes, big-endian.</param>
/// <param name="Low">The last 16 bytes, big-endian.</param>
public readonly record struct ContentHash(UInt128 High, UInt128 Low)
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    /// <summary>The hash of a text.</summary>
    public static ContentHash Of(string text) => FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The hash that <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ArgumentException">Not <see cref="Size"/> bytes.</exception>
    public static ContentHash FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A content hash has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        }

        return new ContentHash(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
    }

    /// <summary>The 32 bytes of the hash.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
    }
}
