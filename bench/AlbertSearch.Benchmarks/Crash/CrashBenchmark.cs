using System.Diagnostics;
using System.Text.Json;
using AlbertSearch.Testing;
using AlbertSearch.Testing.Crash;

namespace AlbertSearch.Benchmarks.Crash;

/// <summary>
/// <c>crash [--kills N] [--seed N] [--data DIR] [--index flat|hnsw] [--queue N]</c>: the suite's crash harness for as long as one
/// likes. Needs the server built in the same configuration. Exit code 1 when a promise was broken; the data folder is kept then.
/// </summary>
internal static class CrashBenchmark
{
    private const int MostAnswers = 30;
    private const int KillsALine = 10;

    public static int Run(BenchmarkArguments arguments)
    {
        var kills = arguments.Number("kills", 1000);
        var seed = arguments.Number("seed", 1);
        var index = arguments.Text("index", "hnsw");
        using var folder = new TemporaryFolder();
        var data = arguments.Find("data") ?? folder.File("index-data");
        string[] server = ["--AlbertSearch:Index:Kind", index, "--AlbertSearch:Index:ExactBelow", "20", "--AlbertSearch:Queue:MaxDocuments", $"{arguments.Number("queue", 400)}"];
        var harness = new CrashHarness(data, seed, server);
        var watch = Stopwatch.StartNew();
        string? broken = null;
        try
        {
            harness.RunAsync(kills, MostAnswers, new Reporter(harness, watch)).GetAwaiter().GetResult();
        }
        catch (InvalidOperationException error)
        {
            broken = error.ToString();
        }

        Print(harness, watch, broken, seed, index);
        return broken is null ? 0 : 1;
    }

    private static void Print(CrashHarness harness, Stopwatch watch, string? broken, int seed, string index) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        bench = "crash",
        kills = harness.Kills,
        seed,
        index,
        killsByPlace = harness.KillsByPlace,
        stops = harness.Stops,
        requestsAcknowledged = harness.Acknowledged,
        uploadsContinued = harness.Continued,
        keysRepeated = harness.Repeated,
        broken,
        seconds = Math.Round(watch.Elapsed.TotalSeconds),
    }));

    private sealed class Reporter(CrashHarness harness, Stopwatch watch) : IProgress<int>
    {
        private int _told;

        public void Report(int value)
        {
            if (value >= _told + KillsALine)
            {
                _told = value;
                Console.Error.WriteLine($"{value} kills, {harness.Acknowledged} requests acknowledged, {watch.Elapsed.TotalSeconds:0} s");
            }
        }
    }
}
