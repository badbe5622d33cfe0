using System.Diagnostics;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>
/// Removes 30 % of the vectors at random and inserts as many others: recall before and after the repair and after the inserts, beside that
/// of a fresh build over what is held then. The base's last 3 of 13 parts are the vectors that come in.
/// </summary>
internal static class IndexChurnBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        var vectors = new VectorSet(arguments.Required("base"));
        var queries = new VectorSet(arguments.Required("query"));
        var threads = arguments.Number("threads", 1);
        var parameters = new VectorSearchParameters { Ef = arguments.Number("ef", 64) };
        var count = vectors.Count * 10 / 13;
        var replaced = vectors.Count - count;
        using var index = new HnswIndex(vectors.Dimension, new HnswOptions { RepairAt = 1 });
        vectors.InsertInto(index, 0, count, threads);
        var built = queries.Recall(index, parameters);

        var order = Enumerable.Range(0, count).ToArray();
        new Random(1).Shuffle(order);
        foreach (var slot in order.AsSpan(0, replaced))
        {
            index.Remove(slot);
        }

        var removed = queries.Recall(index, parameters);
        var watch = Stopwatch.StartNew();
        index.Repair();
        var seconds = watch.Elapsed.TotalSeconds;
        var repaired = queries.Recall(index, parameters);
        vectors.InsertInto(index, count, replaced, threads);
        var inserted = queries.Recall(index, parameters);

        using var fresh = new HnswIndex(vectors.Dimension);
        Parallel.ForEach(order[replaced..].Concat(Enumerable.Range(count, replaced)), new ParallelOptions { MaxDegreeOfParallelism = threads }, slot => fresh.Insert(slot, vectors[slot]));
        VectorSet.Print($$"""{"bench":"index-churn","count":{{count}},"replaced":{{replaced}},"ef":{{parameters.Ef}},"recallBuilt":{{built:F4}},"recallRemoved":{{removed:F4}},"repairSeconds":{{seconds:F3}},"recallRepaired":{{repaired:F4}},"recallInserted":{{inserted:F4}},"recallFresh":{{queries.Recall(fresh, parameters):F4}}}""");
        return 0;
    }
}
