using System.Diagnostics;
using System.Text.Json;
using AlbertSearch.Testing;
using AlbertSearch.Testing.Crash;

namespace AlbertSearch.Benchmarks.Load;

/// <summary>
/// <c>load [--seconds N] [--clients N] [--seed N]</c>: clients that mix writes, searches and deletes, against the real server. Any
/// answer but success and 429 ends it, and so does a document that is lost or doubled.
/// </summary>
internal static class LoadBenchmark
{
    public static int Run(BenchmarkArguments arguments) => RunAsync(arguments.Number("seconds", 60), arguments.Number("clients", 64), arguments.Number("seed", 1)).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(int seconds, int clients, int seed)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("index-data"));
        var fleet = new ClientFleet(clients, seed);
        await fleet.RecoverAsync(server.Client);
        var watch = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        string? broken = null;
        try
        {
            await Task.WhenAll(fleet.Clients.Select(client => client.RunAsync(server.Client, int.MaxValue, stop.Token)));
            await fleet.RecoverAsync(server.Client);
            await fleet.VerifyAsync(server.Client);
        }
        catch (Exception error) when (error is InvalidOperationException or HttpRequestException)
        {
            broken = error.Message;
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "load",
            clients,
            seconds = Math.Round(watch.Elapsed.TotalSeconds),
            requests = fleet.Answered,
            refusedWith429 = fleet.Clients.Sum(client => client.Refused),
            documents = fleet.Clients.Sum(client => client.Ledger.Present.Count),
            broken,
        }));
        return broken is null ? 0 : 1;
    }
}
