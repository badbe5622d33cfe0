using System.Diagnostics;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>
/// Saves an index while a thread inserts and removes and another searches: seconds, the longest that a call of each took, and the resident
/// memory before and after, when the float vectors are mapped from the file.
/// </summary>
internal static class IndexSave
{
    private const int Slot = int.MaxValue - 1;

    /// <param name="index">The index.</param>
    /// <param name="queries">Vectors to search for and to insert.</param>
    /// <param name="path">The file.</param>
    /// <param name="empty">Resident memory before the index was filled.</param>
    public static void Run(HnswIndex index, VectorSet queries, string path, ResidentMemory empty)
    {
        var count = (double)index.Count;
        var before = ResidentMemory.Now();
        using var stop = new CancellationTokenSource();
        var results = new Neighbor[10];
        var inserting = Task.Run(() => Longest(
            call =>
            {
                index.Insert(Slot, queries[call % queries.Count]);
                index.Remove(Slot);
            },
            stop.Token));
        var searching = Task.Run(() => Longest(call => index.Search(queries[call % queries.Count], default, results, CancellationToken.None), stop.Token));
        var watch = Stopwatch.StartNew();
        index.Save(path, new IndexSnapshotInfo { ModelIdentity = "benchmark", AppliedSequence = 0 });
        var seconds = watch.Elapsed.TotalSeconds;
        stop.Cancel();
        var (longestInsert, longestSearch) = (inserting.GetAwaiter().GetResult(), searching.GetAwaiter().GetResult());
        for (var q = 0; q < queries.Count; q++)
        {
            index.Search(queries[q], default, results);
        }

        var after = ResidentMemory.Now();
        VectorSet.Print($$"""{"bench":"index-save","seconds":{{seconds:F3}},"bytes":{{new FileInfo(path).Length}},"longestInsertMilliseconds":{{longestInsert.TotalMilliseconds:F1}},"longestSearchMilliseconds":{{longestSearch.TotalMilliseconds:F1}},"anonymousBytesPerVectorBefore":{{(before.Anonymous - empty.Anonymous) / count:F0}},"anonymousBytesPerVector":{{(after.Anonymous - empty.Anonymous) / count:F0}},"fileBytesPerVector":{{(after.File - empty.File) / count:F0}}}""");
    }

    private static TimeSpan Longest(Action<int> run, CancellationToken ended)
    {
        var longest = TimeSpan.Zero;
        for (var call = 0; !ended.IsCancellationRequested; call++)
        {
            var start = Stopwatch.GetTimestamp();
            run(call);
            var took = Stopwatch.GetElapsedTime(start);
            longest = took > longest ? took : longest;
        }

        return longest;
    }
}
