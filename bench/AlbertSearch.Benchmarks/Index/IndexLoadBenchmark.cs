using System.Diagnostics;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Opens an index file in a fresh process: seconds to the first answer, and what the process holds after all queries were searched.</summary>
internal static class IndexLoadBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        var queries = new VectorSet(arguments.Required("query"));
        var parameters = new VectorSearchParameters { Ef = arguments.Number("ef", 64) };
        var results = new Neighbor[10];
        var before = ResidentMemory.Now();
        var watch = Stopwatch.StartNew();
        var (index, _) = HnswIndex.Load(arguments.Required("index"));
        using (index)
        {
            index.Search(queries[0], parameters, results);
            var seconds = watch.Elapsed.TotalSeconds;
            for (var q = 0; q < queries.Count; q++)
            {
                index.Search(queries[q], parameters, results);
            }

            var after = ResidentMemory.Now();
            var count = (double)index.Count;
            VectorSet.Print($$"""{"bench":"index-load","count":{{index.Count}},"secondsToFirstAnswer":{{seconds:F3}},"anonymousBytesPerVector":{{(after.Anonymous - before.Anonymous) / count:F0}},"processAnonymousBytesPerVector":{{after.Anonymous / count:F0}},"fileBytesPerVector":{{(after.File - before.File) / count:F0}},"countedBytesPerVector":{{index.GetStatistics().MemoryBytes / count:F0}}}""");
        }

        return 0;
    }
}
