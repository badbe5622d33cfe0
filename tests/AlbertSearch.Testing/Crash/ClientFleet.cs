using System.Net;

namespace AlbertSearch.Testing.Crash;

/// <summary>Clients that share a server, and the comparison of what it holds with what they know.</summary>
public sealed class ClientFleet
{
    private const int SearchesARound = 12;

    private static readonly DocumentKey Shared = DocumentKey.Of(CrashClient.SharedCollection);

    private readonly Random _random;
    private bool _hasShared;

    /// <summary>Makes the clients.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Decides what they send.</param>
    public ClientFleet(int count, int seed)
    {
        _random = new Random(seed);
        Clients = [.. Enumerable.Range(0, count).Select(i => new CrashClient($"client{i}", seed + i))];
    }

    /// <summary>The clients.</summary>
    public IReadOnlyList<CrashClient> Clients { get; }

    /// <summary>Requests that were answered so far.</summary>
    public int Answered => Clients.Sum(client => client.Answered);

    /// <summary>Waits until the queue is empty, compares, and lets the clients go on with what was cut off.</summary>
    /// <exception cref="InvalidOperationException">A promise was broken.</exception>
    public async Task RecoverAsync(HttpClient server)
    {
        var state = await ReadAsync(server);
        foreach (var client in Clients)
        {
            if (await client.RecoverAsync(server, OwnOf(state, client)) is { } wrong)
            {
                throw new InvalidOperationException(wrong);
            }
        }

        if (!_hasShared)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"/collections/{CrashClient.SharedCollection}", UriKind.Relative));
            await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.Created, HttpStatusCode.OK);
            _hasShared = true;
        }
    }

    /// <summary>Compares once more, without going on.</summary>
    /// <exception cref="InvalidOperationException">A promise was broken.</exception>
    public async Task VerifyAsync(HttpClient server)
    {
        var state = await ReadAsync(server);
        foreach (var client in Clients)
        {
            if (client.Ledger.Settle(OwnOf(state, client)) is { } wrong)
            {
                throw new InvalidOperationException(wrong);
            }
        }
    }

    private static Dictionary<DocumentKey, DocumentVersion> OwnOf(ServerState state, CrashClient client) =>
        state.Documents.Where(pair => pair.Key != Shared && CrashClient.OwnerOf(pair.Key) == client.Name).ToDictionary();

    /// <summary>Reads what the server holds, and checks what can be checked without the clients' ledgers.</summary>
    private async Task<ServerState> ReadAsync(HttpClient server)
    {
        var state = await ServerState.ReadAsync(server);
        if (_hasShared && !state.Documents.ContainsKey(Shared))
        {
            throw new InvalidOperationException($"{Shared} is gone");
        }

        var names = Clients.Select(client => client.Name).ToHashSet(StringComparer.Ordinal);
        if (state.Documents.Keys.Where(key => key != Shared && !names.Contains(CrashClient.OwnerOf(key))).ToList() is { Count: > 0 } strangers)
        {
            throw new InvalidOperationException($"there is what nobody sent: {string.Join(", ", strangers)}");
        }

        foreach (var (key, version) in state.Documents.Where(pair => !pair.Key.IsCollection).OrderBy(_ => _random.Next()).Take(SearchesARound))
        {
            await SearchAsync(server, key, version);
        }

        return state;
    }

    private static async Task SearchAsync(HttpClient server, DocumentKey key, DocumentVersion version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/collections/{key.Collection}/search", UriKind.Relative))
        {
            Content = ServerAnswers.Json(new { query = version.Text, k = 5 }),
        };
        var answer = await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.OK);
        if (!answer.GetProperty("hits").EnumerateArray().Any(hit => hit.GetProperty("id").GetString() == key.Id))
        {
            throw new InvalidOperationException($"a search for the text of {key} does not find it: {answer.GetRawText()}");
        }
    }
}
