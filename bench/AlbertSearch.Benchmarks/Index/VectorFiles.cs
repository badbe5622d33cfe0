using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Reads and writes <c>.fvecs</c> and <c>.ivecs</c>: rows of a little-endian int32 length and as many float32 or int32.</summary>
internal static class VectorFiles
{
    public static (float[] Values, int Dimension) ReadFloats(string path)
    {
        var (values, dimension) = Read(path);
        return (MemoryMarshal.Cast<int, float>(values).ToArray(), dimension);
    }

    public static (int[] Values, int Dimension) ReadInts(string path) => Read(path);

    public static void WriteFloats(string path, IEnumerable<float[]> rows)
    {
        using var stream = File.Create(path);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, row.Length);
            stream.Write(length);
            stream.Write(MemoryMarshal.AsBytes<float>(row));
        }
    }

    private static (int[] Values, int Dimension) Read(string path)
    {
        using var stream = File.OpenRead(path);
        var header = new byte[sizeof(int)];
        stream.ReadExactly(header);
        var dimension = BinaryPrimitives.ReadInt32LittleEndian(header);
        var rowBytes = (dimension + 1L) * sizeof(int);
        if (dimension < 1 || stream.Length % rowBytes != 0)
        {
            throw new InvalidDataException($"'{path}' is not a whole number of rows of {dimension} values.");
        }

        var rows = (int)(stream.Length / rowBytes);
        var values = new int[(long)rows * dimension];
        for (var row = 0; row < rows; row++)
        {
            if (row > 0)
            {
                stream.ReadExactly(header);
            }

            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(row * dimension, dimension)));
        }

        return (values, dimension);
    }
}
