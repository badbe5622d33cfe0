using System.Diagnostics;
using System.Globalization;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Builds an HNSW index over vectors of a file and searches it: JSON lines with seconds, recall@10 and queries per second.</summary>
internal static class IndexBenchmark
{
    private const int K = 10;

    public static int Run(Arguments arguments)
    {
        var (values, dimension) = VectorFiles.ReadFloats(arguments.Required("base"));
        var (queries, queryDimension) = VectorFiles.ReadFloats(arguments.Required("query"));
        var (truth, truthLength) = VectorFiles.ReadInts(arguments.Required("truth"));
        if (queryDimension != dimension || truthLength < K || truth.Length / truthLength != queries.Length / dimension)
        {
            Console.Error.WriteLine("the files don't belong together");
            return 2;
        }

        var threads = arguments.Int("threads", 1);
        var runs = arguments.Int("runs", 3);
        var efs = arguments.Text("ef", "10,20,40,80,160,320").Split(',').Select(ef => int.Parse(ef, CultureInfo.InvariantCulture)).ToArray();
        using var index = new HnswIndex(dimension, new HnswOptions { M = arguments.Int("m", 16), EfConstruction = arguments.Int("ef-construction", 200) });
        var watch = Stopwatch.StartNew();
        Parallel.For(0, values.Length / dimension, new ParallelOptions { MaxDegreeOfParallelism = threads }, slot => index.Insert(slot, values.AsSpan(slot * dimension, dimension)));
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"index-build","seconds":{{seconds:F3}},"threads":{{threads}},"count":{{index.Count}}}"""));
        foreach (var ef in efs)
        {
            Search(index, queries, dimension, truth, truthLength, ef, runs);
        }

        return 0;
    }

    private static void Search(HnswIndex index, float[] queries, int dimension, int[] truth, int truthLength, int ef, int runs)
    {
        var count = queries.Length / dimension;
        var results = new Neighbor[K];
        var qps = new double[runs];
        var hits = 0;
        for (var run = -1; run < runs; run++)
        {
            hits = 0;
            var watch = Stopwatch.StartNew();
            for (var q = 0; q < count; q++)
            {
                var found = index.Search(queries.AsSpan(q * dimension, dimension), new VectorSearchParameters { Ef = ef }, results);
                var wanted = truth.AsSpan(q * truthLength, K);
                foreach (var result in results.AsSpan(0, found))
                {
                    hits += wanted.Contains(result.Slot) ? 1 : 0;
                }
            }

            if (run >= 0)
            {
                qps[run] = count / watch.Elapsed.TotalSeconds;
            }
        }

        Array.Sort(qps);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"index-search","ef":{{ef}},"recallAt10":{{hits / (double)(count * K):F4}},"qps":{{qps[runs / 2]:F1}},"threads":1}"""));
    }
}
