using System.Globalization;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Vectors of a file, one after the other in memory.</summary>
internal sealed class VectorSet
{
    private readonly float[] _values;

    public VectorSet(string path) => (_values, Dimension) = VectorFiles.ReadFloats(path);

    public int Dimension { get; }

    public int Count => _values.Length / Dimension;

    public ReadOnlySpan<float> this[int row] => _values.AsSpan(row * Dimension, Dimension);

    /// <summary>Inserts rows, each in the slot of its number.</summary>
    public void InsertInto(HnswIndex index, int first, int count, int threads) =>
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = threads }, row => index.Insert(row, this[row]));

    /// <summary>The share of the true ten nearest that searches for these vectors find.</summary>
    public double Recall(HnswIndex index, VectorSearchParameters parameters)
    {
        const int K = 10;
        var (found, truth) = (new Neighbor[K], new Neighbor[K]);
        var (hits, wanted) = (0, 0);
        for (var row = 0; row < Count; row++)
        {
            var some = index.Search(this[row], parameters, found);
            var all = index.Search(this[row], parameters with { Exact = true }, truth);
            wanted += all;
            hits += truth.Take(all).Intersect(found.Take(some)).Count();
        }

        return hits / (double)wanted;
    }

    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
