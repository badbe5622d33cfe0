using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Memory;

namespace AlbertSearch.Indexing.Vectors;

/// <summary>A query in 8-bit codes. Used again and again; not thread-safe.</summary>
/// <param name="stride">Bytes from a row of codes to the next.</param>
internal sealed class QueryCodes(int stride)
{
    private readonly sbyte[] _codes = new sbyte[stride];
    private float _scale;
    private int _sum;

    /// <summary>Takes a vector from outside.</summary>
    public void Set(ReadOnlySpan<float> vector)
    {
        _scale = ScalarQuantizer.EncodeQuery(vector, _codes);
        _sum = CodeDotProduct.QuerySum(_codes);
    }

    /// <summary>Takes a row of the table.</summary>
    public void Set(QuantizedVectors vectors, int row)
    {
        ScalarQuantizer.CodesToQuery(Rows.At<byte>(vectors.Codes.Addresses, row, stride), _codes);
        _scale = 2 * vectors.Scale(row);
        _sum = CodeDotProduct.QuerySum(_codes);
    }

    /// <summary>The dot products with rows, to the codes' precision.</summary>
    /// <param name="vectors">The table.</param>
    /// <param name="rows">Rows that there is memory for.</param>
    /// <param name="sums">Room for an integer a row.</param>
    /// <param name="scores">Takes a dot product a row.</param>
    public void Score(QuantizedVectors vectors, ReadOnlySpan<int> rows, Span<int> sums, Span<float> scores)
    {
        CodeDotProduct.ComputeMany(_codes, _sum, vectors.Codes.Addresses, rows, sums);
        for (var i = 0; i < rows.Length; i++)
        {
            scores[i] = sums[i] * (_scale * vectors.Scale(rows[i]));
        }
    }

    /// <summary>The dot product with one row, to the codes' precision.</summary>
    public float Score(QuantizedVectors vectors, int row) =>
        CodeDotProduct.ComputeOne(_codes, _sum, vectors.Codes.Addresses, row) * (_scale * vectors.Scale(row));
}
