using System.Diagnostics;
using System.Globalization;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Opens an index file in a fresh process: seconds to the first answer, and what the process holds after all queries were searched.</summary>
internal static class IndexLoadBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        var queries = new VectorSet(arguments.Required("query"));
        var ef = arguments.Number("ef", 64);
        var results = new Neighbor[10];
        var before = Resident();
        var watch = Stopwatch.StartNew();
        var (index, _) = HnswIndex.Load(arguments.Required("index"));
        using (index)
        {
            index.Search(queries[0], new VectorSearchParameters { Ef = ef }, results);
            var seconds = watch.Elapsed.TotalSeconds;
            for (var q = 0; q < queries.Count; q++)
            {
                index.Search(queries[q], new VectorSearchParameters { Ef = ef }, results);
            }

            var (anonymous, file) = Resident();
            var statistics = index.GetStatistics();
            VectorSet.Print($$"""{"bench":"index-load","count":{{index.Count}},"secondsToFirstAnswer":{{seconds:F3}},"anonymousBytesPerVector":{{(anonymous - before.Anonymous) / (double)index.Count:F0}},"processAnonymousBytesPerVector":{{anonymous / (double)index.Count:F0}},"fileBytesPerVector":{{(file - before.File) / (double)index.Count:F0}},"countedBytesPerVector":{{statistics.MemoryBytes / (double)index.Count:F0}}}""");
        }

        return 0;
    }

    /// <summary>Resident bytes of the process: its own, and pages of files.</summary>
    private static (long Anonymous, long File) Resident()
    {
        if (!OperatingSystem.IsLinux())
        {
            return (Process.GetCurrentProcess().WorkingSet64, 0);
        }

        var lines = File.ReadAllLines("/proc/self/status");
        return (Kilobytes("RssAnon:") << 10, Kilobytes("RssFile:") << 10);

        long Kilobytes(string name) =>
            long.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
