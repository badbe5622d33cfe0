using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Vectors as the database holds them: little-endian binary32.</summary>
internal static class VectorBlob
{
    /// <summary>The bytes of a vector.</summary>
    public static byte[] Write(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        return bytes;
    }

    /// <summary>Reads a vector.</summary>
    /// <returns>False when the bytes are not those of a vector of this length.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, Span<float> vector)
    {
        if (bytes.Length != vector.Length * sizeof(float))
        {
            return false;
        }

        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(vector));
            return true;
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }

        return true;
    }
}
