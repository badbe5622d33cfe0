using System.Diagnostics;
using System.Globalization;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>
/// Builds an HNSW index over vectors of a file and searches it: JSON lines with seconds, recall@10 and queries per second, the median of the runs.
/// </summary>
internal static class IndexBenchmark
{
    private const int K = 10;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RunTime = TimeSpan.FromSeconds(0.5);

    public static int Run(BenchmarkArguments arguments)
    {
        var vectors = new VectorSet(arguments.Required("base"));
        var queries = new VectorSet(arguments.Required("query"));
        var (truth, truthLength) = VectorFiles.ReadInts(arguments.Required("truth"));
        if (queries.Dimension != vectors.Dimension || truthLength < K || truth.Length / truthLength != queries.Count)
        {
            throw new ArgumentException("The files don't belong together.", nameof(arguments));
        }

        var threads = arguments.Number("threads", 1);
        var runs = arguments.Number("runs", 3);
        var efs = Numbers(arguments.Text("ef", "10,20,40,80,160,320"));
        var empty = ResidentMemory.Now();
        using var index = new HnswIndex(vectors.Dimension, new HnswOptions { M = arguments.Number("m", 16), EfConstruction = arguments.Number("ef-construction", 200) });
        var processorTime = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        vectors.InsertInto(index, 0, vectors.Count, threads);
        var seconds = watch.Elapsed.TotalSeconds;
        processorTime = Process.GetCurrentProcess().TotalProcessorTime - processorTime;
        VectorSet.Print($$"""{"bench":"index-build","seconds":{{seconds:F3}},"processorSeconds":{{processorTime.TotalSeconds:F3}},"threads":{{threads}},"count":{{index.Count}}}""");
        foreach (var searchThreads in Numbers(arguments.Text("search-threads", "1")))
        {
            foreach (var ef in efs)
            {
                Search(index, queries, truth, truthLength, ef, runs, searchThreads);
            }
        }

        if (arguments.Find("save") is { } path)
        {
            IndexSave.Run(index, queries, path, empty);
        }

        return 0;
    }

    private static void Search(HnswIndex index, VectorSet queries, int[] truth, int truthLength, int ef, int runs, int threads)
    {
        var recall = 0.0;
        var qps = new double[runs];
        Round(index, queries, ef, threads, WarmUp, out _);
        for (var run = 0; run < runs; run++)
        {
            var watch = Stopwatch.StartNew();
            var searches = Round(index, queries, ef, threads, RunTime, out var found);
            qps[run] = searches / watch.Elapsed.TotalSeconds;
            var hits = 0;
            for (var q = 0; q < queries.Count; q++)
            {
                var wanted = truth.AsSpan(q * truthLength, K);
                foreach (var neighbor in found[q])
                {
                    hits += wanted.Contains(neighbor.Slot) ? 1 : 0;
                }
            }

            recall = hits / (double)(queries.Count * K);
        }

        Array.Sort(qps);
        VectorSet.Print($$"""{"bench":"index-search","ef":{{ef}},"recallAt10":{{recall:F4}},"qps":{{qps[runs / 2]:F1}},"threads":{{threads}}}""");
    }

    /// <summary>All queries on each thread, again and again until the time is over: a short round would measure the compiler.</summary>
    private static long Round(HnswIndex index, VectorSet queries, int ef, int threads, TimeSpan time, out Neighbor[][] found)
    {
        var answers = Enumerable.Range(0, queries.Count).Select(_ => new Neighbor[K]).ToArray();
        var searches = 0L;
        var watch = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            var own = thread == 0 ? answers : [.. answers.Select(_ => new Neighbor[K])];
            do
            {
                for (var q = 0; q < own.Length; q++)
                {
                    index.Search(queries[q], new VectorSearchParameters { Ef = ef }, own[q]);
                }

                Interlocked.Add(ref searches, own.Length);
            }
            while (watch.Elapsed < time);
        })).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        found = answers;
        return searches;
    }

    private static int[] Numbers(string list) => [.. list.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
}
