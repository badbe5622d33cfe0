using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Memory;

namespace AlbertSearch.Indexing.Vectors;

/// <summary>
/// Vectors in two precisions: 8-bit codes, which a graph walk reads by the thousand, and the floats, which the few best are scored on.
/// One writer a row; any number of readers.
/// </summary>
internal sealed class QuantizedVectors : IDisposable
{
    private readonly ChunkedArray<float> _scales = new();

    /// <summary>Makes empty tables.</summary>
    /// <param name="dimension">Floats in a vector.</param>
    /// <param name="scratchFolder">Where files for the floats lie; null to keep them in memory.</param>
    public QuantizedVectors(int dimension, string? scratchFolder)
    {
        Floats = new FloatVectors(dimension, scratchFolder);
        Codes = new RowTable<byte>(dimension, sizeof(byte));
    }

    /// <summary>The floats.</summary>
    public FloatVectors Floats { get; }

    /// <summary>The codes.</summary>
    public RowTable<byte> Codes { get; }

    /// <summary>Bytes of codes and scales.</summary>
    public long CodeBytes => Codes.Bytes + _scales.Bytes;

    /// <summary>What a row's codes are multiplied by.</summary>
    public float Scale(int row) => _scales.Read(row);

    /// <summary>Sets a row's scale, of codes that were read from a file.</summary>
    public void SetScale(int row, float scale) => _scales.Ensure(row) = scale;

    /// <summary>Makes memory for a row. Writers take turns.</summary>
    public void Ensure(int row)
    {
        Floats.Ensure(row);
        Codes.Ensure(row);
        _scales.Ensure(row);
    }

    /// <summary>Writes a row that there is memory for and that nobody relies on yet.</summary>
    public void Write(int row, ReadOnlySpan<float> vector)
    {
        vector.CopyTo(Floats[row]);
        _scales[row] = ScalarQuantizer.Encode(vector, Rows.At<byte>(Codes.Addresses, row, Codes.Stride));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Floats.Dispose();
        Codes.Dispose();
    }
}
