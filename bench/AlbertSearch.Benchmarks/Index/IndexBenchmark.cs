using System.Diagnostics;
using System.Globalization;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Builds an HNSW index over vectors of a file and searches it: JSON lines with seconds, recall@10 and queries per second.</summary>
internal static class IndexBenchmark
{
    private const int K = 10;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RunTime = TimeSpan.FromSeconds(0.5);

    public static int Run(BenchmarkArguments arguments)
    {
        var (values, dimension) = VectorFiles.ReadFloats(arguments.Required("base"));
        var (queries, queryDimension) = VectorFiles.ReadFloats(arguments.Required("query"));
        var (truth, truthLength) = VectorFiles.ReadInts(arguments.Required("truth"));
        if (queryDimension != dimension || truthLength < K || truth.Length / truthLength != queries.Length / dimension)
        {
            Console.Error.WriteLine("the files don't belong together");
            return 2;
        }

        var threads = arguments.Number("threads", 1);
        var runs = arguments.Number("runs", 3);
        var efs = arguments.Text("ef", "10,20,40,80,160,320").Split(',').Select(ef => int.Parse(ef, CultureInfo.InvariantCulture)).ToArray();
        using var index = new HnswIndex(dimension, new HnswOptions { M = arguments.Number("m", 16), EfConstruction = arguments.Number("ef-construction", 200) });
        var watch = Stopwatch.StartNew();
        Parallel.For(0, values.Length / dimension, new ParallelOptions { MaxDegreeOfParallelism = threads }, slot => index.Insert(slot, values.AsSpan(slot * dimension, dimension)));
        var seconds = watch.Elapsed.TotalSeconds;
        Print($$"""{"bench":"index-build","seconds":{{seconds:F3}},"threads":{{threads}},"count":{{index.Count}}}""");
        foreach (var searchThreads in arguments.Text("search-threads", "1").Split(','))
        {
            foreach (var ef in efs)
            {
                Search(index, queries, dimension, truth, truthLength, ef, runs, int.Parse(searchThreads, CultureInfo.InvariantCulture));
            }
        }

        return 0;
    }

    private static void Search(HnswIndex index, float[] queries, int dimension, int[] truth, int truthLength, int ef, int runs, int threads)
    {
        var count = queries.Length / dimension;
        var recall = 0.0;
        var qps = new double[runs];
        Round(index, queries, dimension, ef, threads, WarmUp, out _);
        for (var run = 0; run < runs; run++)
        {
            var watch = Stopwatch.StartNew();
            var searches = Round(index, queries, dimension, ef, threads, RunTime, out var found);
            qps[run] = searches / watch.Elapsed.TotalSeconds;
            var hits = 0;
            for (var q = 0; q < count; q++)
            {
                var wanted = truth.AsSpan(q * truthLength, K);
                foreach (var neighbor in found[q])
                {
                    hits += wanted.Contains(neighbor.Slot) ? 1 : 0;
                }
            }

            recall = hits / (double)(count * K);
        }

        Array.Sort(qps);
        Print($$"""{"bench":"index-search","ef":{{ef}},"recallAt10":{{recall:F4}},"qps":{{qps[runs / 2]:F1}},"threads":{{threads}}}""");
    }

    /// <summary>All queries on each thread, again and again until the time is over: a short round would measure the compiler.</summary>
    private static long Round(HnswIndex index, float[] queries, int dimension, int ef, int threads, TimeSpan time, out Neighbor[][] found)
    {
        var count = queries.Length / dimension;
        var answers = Enumerable.Range(0, count).Select(_ => new Neighbor[K]).ToArray();
        var searches = 0L;
        var watch = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            var own = thread == 0 ? answers : [.. answers.Select(_ => new Neighbor[K])];
            do
            {
                for (var q = 0; q < count; q++)
                {
                    index.Search(queries.AsSpan(q * dimension, dimension), new VectorSearchParameters { Ef = ef }, own[q]);
                }

                Interlocked.Add(ref searches, count);
            }
            while (watch.Elapsed < time);
        })).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        found = answers;
        return searches;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
