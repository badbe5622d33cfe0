using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AlbertSearch.Testing;

namespace AlbertSearch.Benchmarks.Load;

/// <summary>
/// <c>search-latency [--seconds N] [--documents N] [--index flat|hnsw] [--threads N]</c>: what a search takes while nothing else goes
/// on, and while a bulk load does, against the real server; one search at a time, each with a query of its own.
/// </summary>
internal static class SearchLatencyBenchmark
{
    private static readonly string[] Words = ["river", "mountain", "bread", "engine", "music", "garden", "letter", "winter", "coffee", "bridge", "doctor", "island"];

    public static int Run(BenchmarkArguments arguments) =>
        RunAsync(arguments.Number("seconds", 20), arguments.Number("documents", 1000), arguments.Text("index", "flat"), arguments.Number("threads", 0)).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(int seconds, int documents, string index, int threads)
    {
        using var folder = new TemporaryFolder();
        string[] settings = ["--AlbertSearch:Index:Kind", index, "--AlbertSearch:Threads", threads.ToString(CultureInfo.InvariantCulture)];
        await using var server = await ServerProcess.StartAsync(folder.File("index-data"), settings);
        using (var answer = await server.Client.PostAsync(new Uri("/index?wait=true", UriKind.Relative), Lines(0, documents, words: 8)))
        {
            answer.EnsureSuccessStatusCode();
        }

        var queries = new Random(1);
        await MeasureAsync(server.Client, queries, TimeSpan.FromSeconds(3));
        var idle = await MeasureAsync(server.Client, queries, TimeSpan.FromSeconds(seconds));

        // More than goes in meanwhile; the server ends before it does.
        using var body = Lines(documents, 50_000, words: 60);
        using var load = await server.Client.PostAsync(new Uri("/index", UriKind.Relative), body);
        load.EnsureSuccessStatusCode();
        await MeasureAsync(server.Client, queries, TimeSpan.FromSeconds(3));
        var loaded = await MeasureAsync(server.Client, queries, TimeSpan.FromSeconds(seconds));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "search-latency",
            documents,
            index,
            idle = Describe(idle),
            whileLoading = Describe(loaded),
            p99Ratio = Math.Round(At(loaded, 0.99) / At(idle, 0.99), 2),
        }));
        return 0;
    }

    private static object Describe(double[] sorted) => new
    {
        searches = sorted.Length,
        p50Ms = Math.Round(At(sorted, 0.5), 2),
        p90Ms = Math.Round(At(sorted, 0.9), 2),
        p99Ms = Math.Round(At(sorted, 0.99), 2),
        maxMs = Math.Round(sorted[^1], 2),
    };

    private static double At(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];

    /// <returns>Milliseconds, sorted.</returns>
    private static async Task<double[]> MeasureAsync(HttpClient server, Random random, TimeSpan duration)
    {
        var times = new List<double>();
        var all = Stopwatch.StartNew();
        while (all.Elapsed < duration)
        {
            using var body = new StringContent(JsonSerializer.Serialize(new { query = Text(random, 8), k = 10 }), Encoding.UTF8, "application/json");
            var watch = Stopwatch.StartNew();
            using var answer = await server.PostAsync(new Uri("/search", UriKind.Relative), body);
            await answer.Content.ReadAsByteArrayAsync();
            times.Add(watch.Elapsed.TotalMilliseconds);
            answer.EnsureSuccessStatusCode();
        }

        return [.. times.Order()];
    }

    private static StringContent Lines(int first, int count, int words)
    {
        var random = new Random(first + 1);
        var lines = new StringBuilder();
        for (var i = first; i < first + count; i++)
        {
            lines.Append(JsonSerializer.Serialize(new { id = $"d{i}", text = Text(random, words) })).Append('\n');
        }

        return new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson");
    }

    private static string Text(Random random, int words) =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)])) + string.Create(CultureInfo.InvariantCulture, $" {random.Next(1_000_000)}");
}
