using System.Diagnostics;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>
/// Filters that pass 50, 10, 1 and 0.1 %: at random, the nearest to another query, or the furthest from the query. Recall@10 and the time of
/// a search beside that of an exact scan of the allowed.
/// </summary>
internal static class IndexFilterBenchmark
{
    private const int Queries = 100;
    private const int WarmUps = 5;

    public static int Run(BenchmarkArguments arguments)
    {
        var vectors = new VectorSet(arguments.Required("base"));
        var queries = new VectorSet(arguments.Required("query"));
        var parameters = new VectorSearchParameters { Ef = arguments.Number("ef", 64) };
        using var index = new HnswIndex(vectors.Dimension);
        vectors.InsertInto(index, 0, vectors.Count, arguments.Number("threads", 1));
        // Once for the compiler.
        Measure(index, vectors.Count, queries, "random", 0.5, parameters, print: false);
        Measure(index, vectors.Count, queries, "random", 0.01, parameters, print: false);
        foreach (var kind in new[] { "random", "elsewhere", "furthest" })
        {
            foreach (var share in new[] { 0.5, 0.1, 0.01, 0.001 })
            {
                Measure(index, vectors.Count, queries, kind, share, parameters, print: true);
            }
        }

        return 0;
    }

    private static void Measure(HnswIndex index, int count, VectorSet queries, string kind, double share, VectorSearchParameters parameters, bool print)
    {
        var (found, truth) = (new Neighbor[10], new Neighbor[10]);
        var all = new Neighbor[count];
        var random = new Random(1);
        var (hits, wanted) = (0, 0);
        var (searching, scanning) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var q = 0; q < Queries; q++)
        {
            var order = Enumerable.Range(0, count).ToArray();
            if (kind == "random")
            {
                random.Shuffle(order);
            }
            else
            {
                index.Search(queries[kind == "elsewhere" ? (q + 1) % Queries : q], new VectorSearchParameters { Exact = true }, all);
                order = [.. all.Select(neighbor => neighbor.Slot)];
                if (kind == "furthest")
                {
                    Array.Reverse(order);
                }
            }

            var allowed = new SlotSet(count);
            foreach (var slot in order.AsSpan(0, (int)(count * share)))
            {
                allowed.Add(slot);
            }

            var filtered = parameters with { Allowed = allowed };
            for (var round = 0; round < WarmUps; round++)
            {
                index.Search(queries[q], filtered, found);
                index.Search(queries[q], filtered with { Exact = true }, truth);
            }

            var start = Stopwatch.GetTimestamp();
            var some = index.Search(queries[q], filtered, found);
            searching += Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            var most = index.Search(queries[q], filtered with { Exact = true }, truth);
            scanning += Stopwatch.GetElapsedTime(start);
            wanted += most;
            hits += truth.Take(most).Intersect(found.Take(some)).Count();
        }

        if (!print)
        {
            return;
        }

        VectorSet.Print($$"""{"bench":"index-filter","count":{{count}},"allowed":"{{kind}}","share":{{share}},"ef":{{parameters.Ef}},"recallAt10":{{hits / (double)wanted:F4}},"microseconds":{{searching.TotalMicroseconds / Queries:F1}},"exactMicroseconds":{{scanning.TotalMicroseconds / Queries:F1}}}""");
    }
}
