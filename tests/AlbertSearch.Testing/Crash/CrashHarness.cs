using System.Globalization;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>
/// Starts the real server, loads it from several clients, kills it with SIGKILL at a seeded moment, starts it again on the same
/// data, and compares what it holds with what it had acknowledged. Uses the REST interface alone.
/// </summary>
/// <remarks>
/// Invariants after each restart, once the queue is empty: every document is in its last acknowledged version, or in the one
/// whose answer was lost with the process; none is there twice; none is there that nobody sent; every document has exactly its
/// chunks (the texts are short: one each); and a search for a document's own text finds it.
/// </remarks>
public sealed class CrashHarness
{
    private const int Clients = 3;
    private const int SearchesARound = 12;

    // About as long as a request takes: the kill falls anywhere inside one.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(40);

    private readonly string _indexData;
    private readonly string[] _serverArguments;
    private readonly Random _random;
    private readonly CrashClient[] _clients;

    /// <summary>Makes a harness.</summary>
    /// <param name="indexData">An empty folder.</param>
    /// <param name="seed">Decides what is sent and when the server is killed.</param>
    /// <param name="serverArguments">More arguments of the server.</param>
    public CrashHarness(string indexData, int seed, params string[] serverArguments)
    {
        _indexData = indexData;
        _serverArguments = serverArguments;
        _random = new Random(seed);
        _clients = [.. Enumerable.Range(0, Clients).Select(i => new CrashClient($"client{i}", seed + 1 + i))];
    }

    /// <summary>Kills so far.</summary>
    public int Kills { get; private set; }

    /// <summary>Requests that were acknowledged so far.</summary>
    public int Acknowledged => _clients.Sum(client => client.Answered);

    /// <summary>Kills the server a number of times: in each round after a random number of answers, and a random moment later.</summary>
    /// <param name="kills">How often.</param>
    /// <param name="mostAnswers">Answers that a round waits for at most.</param>
    /// <param name="cancellationToken">Ends the run between two rounds.</param>
    /// <exception cref="InvalidOperationException">A promise was broken; the message says which.</exception>
    public async Task RunAsync(int kills, int mostAnswers, CancellationToken cancellationToken = default)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using var server = await ServerProcess.StartAsync(_indexData, _serverArguments);
            await VerifyAsync(server.Client);
            var answers = Acknowledged + _random.Next(mostAnswers + 1);
            var clients = _clients.Select(client => client.RunAsync(server.Client, CancellationToken.None)).ToArray();
            while (Acknowledged < answers && !clients.Any(client => client.IsCompleted))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
            }

            await Task.Delay(LongestDelay * _random.NextDouble(), cancellationToken);
            await server.KillAsync();
            await Task.WhenAll(clients);
            Kills++;
        }

        await using var last = await ServerProcess.StartAsync(_indexData, _serverArguments);
        await VerifyAsync(last.Client);
    }

    private async Task VerifyAsync(HttpClient server)
    {
        await WaitUntilIdleAsync(server);
        var stored = await ListAsync(server);
        foreach (var client in _clients)
        {
            foreach (var id in client.Ledger.Ids.ToArray())
            {
                stored.Remove(id, out var text);
                if (!client.Ledger.Allows(id, text))
                {
                    throw Broken($"document '{id}' is '{text ?? "not there"}', but it was {client.Ledger.Describe(id)}");
                }

                client.Ledger.Settle(id, text);
            }
        }

        if (stored.Count > 0)
        {
            throw Broken($"documents that nobody sent: {string.Join(", ", stored.Keys)}");
        }

        await VerifyCountsAsync(server);
        await VerifySearchesAsync(server);
    }

    private static async Task WaitUntilIdleAsync(HttpClient server)
    {
        foreach (var state in (string[])["accepted", "running"])
        {
            while ((await GetAsync(server, $"/operations?state={state}")).GetProperty("operations").GetArrayLength() > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private async Task<Dictionary<string, string>> ListAsync(HttpClient server)
    {
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await GetAsync(server, "/documents?limit=100" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}"));
            foreach (var document in page.GetProperty("documents").EnumerateArray())
            {
                var id = document.GetProperty("id").GetString()!;
                if (!stored.TryAdd(id, document.GetProperty("text").GetString()!))
                {
                    throw Broken($"document '{id}' is listed twice");
                }
            }

            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return stored;
    }

    private async Task VerifyCountsAsync(HttpClient server)
    {
        var expected = _clients.Sum(client => client.Ledger.Present.Count);
        var collection = await GetAsync(server, "/collections/default");
        foreach (var counter in (long[])[
            collection.GetProperty("documents").GetInt64(),
            collection.GetProperty("chunks").GetInt64(),
            collection.GetProperty("index").GetProperty("count").GetInt64()])
        {
            if (counter != expected)
            {
                throw Broken(string.Create(CultureInfo.InvariantCulture, $"{expected} documents of one chunk each are stored, but the collection says {collection.GetRawText()}"));
            }
        }
    }

    private async Task VerifySearchesAsync(HttpClient server)
    {
        var stored = await ListAsync(server);
        foreach (var (id, text) in stored.OrderBy(_ => _random.Next()).Take(SearchesARound))
        {
            using var answer = await server.PostAsync(
                new Uri("/search", UriKind.Relative),
                new StringContent(JsonSerializer.Serialize(new { query = text, k = 5 }), System.Text.Encoding.UTF8, "application/json"));
            var hits = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("hits");
            if (!hits.EnumerateArray().Any(hit => hit.GetProperty("id").GetString() == id))
            {
                throw Broken($"a search for the text of '{id}' does not find it: {hits.GetRawText()}");
            }
        }
    }

    private static async Task<JsonElement> GetAsync(HttpClient server, string route)
    {
        using var answer = await server.GetAsync(new Uri(route, UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(body).RootElement
            : throw new InvalidOperationException($"GET {route} was answered {(int)answer.StatusCode}: {body}");
    }

    private InvalidOperationException Broken(string promise) => new($"After {Kills} kills: {promise}.");
}
