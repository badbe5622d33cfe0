using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>
/// One client of a server that may be killed at any moment. It adds, replaces, patches and deletes documents of its own in three
/// collections, one of which it drops at times; as JSON, NDJSON and CSV; waiting or not; under idempotency keys or not; and it
/// keeps a ledger of what was acknowledged.
/// </summary>
public sealed class CrashClient
{
    /// <summary>A collection that all clients use, beside the default one.</summary>
    public const string SharedCollection = "shared";

    private const int KeysRemembered = 3;
    private const int DocumentsACollection = 40;
    private const int Groups = 6;

    private static readonly string[] Words = ["river", "mountain", "bread", "engine", "music", "garden", "letter", "winter", "coffee", "bridge", "doctor", "island"];

    private readonly Random _random;
    private readonly Queue<KeyedRequest> _remembered = new();
    private readonly BulkUploads _uploads;
    private KeyedRequest? _lostRequest;
    private int _versions;
    private int _keys;
    private int _answered;

    /// <summary>Makes a client.</summary>
    /// <param name="name">Starts its documents' ids, which no other client uses. No hyphen.</param>
    /// <param name="seed">Decides what it sends.</param>
    public CrashClient(string name, int seed)
    {
        Name = name;
        _random = new Random(seed);
        _uploads = new BulkUploads(Ledger);
    }

    /// <summary>Starts the ids of its documents.</summary>
    public string Name { get; }

    /// <summary>The collection that is this client's alone.</summary>
    public string OwnCollection => $"own-{Name}";

    /// <summary>What it knows.</summary>
    public DocumentLedger Ledger { get; } = new();

    /// <summary>Requests that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Requests that were answered 429: the queue was full, or the server had enough to do.</summary>
    public int Refused { get; private set; }

    /// <summary>Bulk loads that were cut by a kill and continued.</summary>
    public int Continued => _uploads.Continued;

    /// <summary>Requests that were sent again under their key.</summary>
    public int Repeated { get; private set; }

    /// <summary>The client that a document belongs to.</summary>
    public static string OwnerOf(DocumentKey key) => key.IsCollection ? key.Collection[4..] : key.Id[..key.Id.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>Sends a number of requests, or as many as it can until it is told to end.</summary>
    /// <param name="server">The server.</param>
    /// <param name="requests">Most requests.</param>
    /// <param name="stop">Ends the run between two requests.</param>
    /// <exception cref="InvalidOperationException">The server refused a request that is right, or broke a promise.</exception>
    /// <exception cref="HttpRequestException">The server is gone.</exception>
    public async Task RunAsync(HttpClient server, int requests, CancellationToken stop = default)
    {
        for (var i = 0; i < requests && !stop.IsCancellationRequested; i++)
        {
            await SendAsync(server);
            Interlocked.Increment(ref _answered);
        }
    }

    /// <summary>Sends requests until the server is gone, or is stopping.</summary>
    /// <exception cref="InvalidOperationException">The server refused a request that is right, or broke a promise.</exception>
    public async Task RunUntilKilledAsync(HttpClient server)
    {
        try
        {
            while (true)
            {
                await SendAsync(server);
                Interlocked.Increment(ref _answered);
            }
        }
        catch (HttpRequestException)
        {
            // The server was killed: that is the point.
        }
        catch (IOException)
        {
            // It was killed in the middle of an answer.
        }
        catch (ServerRefusedException refused) when (refused.Status == HttpStatusCode.ServiceUnavailable)
        {
            // It is stopping: what was asked for may be in its queue or not.
        }
    }

    /// <summary>After a restart: compares the ledger with what the server holds, continues what was cut, and repeats what has a key.</summary>
    /// <param name="server">The server, with an empty queue.</param>
    /// <param name="stored">What it holds of this client's.</param>
    /// <returns>Null, or the promise that was broken.</returns>
    public async Task<string?> RecoverAsync(HttpClient server, IReadOnlyDictionary<DocumentKey, DocumentVersion> stored)
    {
        var wrong = _uploads.IsOneUnanswered ? await _uploads.RecoverAsync(server, stored) : Ledger.Settle(stored);
        if (wrong is not null)
        {
            return wrong;
        }

        if (_lostRequest is { } lost)
        {
            var operation = await server.FindOperationAsync(lost.Key);
            await RepeatAsync(server, lost with { OperationId = operation?.GetProperty("id").GetString() });
        }

        foreach (var remembered in _remembered)
        {
            await RepeatAsync(server, remembered);
        }

        return null;
    }

    /// <summary>A document as JSON takes it.</summary>
    internal static object DocumentOf(DocumentChange change) =>
        new { id = change.Key.Id, text = change.Version!.Text, metadata = new { owner = OwnerOf(change.Key), group = change.Version.Group } };

    private async Task SendAsync(HttpClient server)
    {
        try
        {
            var present = Ledger.Present;
            await (_random.Next(20) switch
            {
                0 or 1 when present.Count > 0 => DeleteAsync(server, present[_random.Next(present.Count)].Key),
                2 when present.Count > 0 => DeleteSomeAsync(server, present),
                3 => DeleteGroupAsync(server),
                4 or 5 or 6 when present.Count > 0 => PatchAsync(server, present[_random.Next(present.Count)]),
                7 or 8 => UploadAsync(server),
                9 when Ledger.Has(DocumentKey.Of(OwnCollection)) => DropAsync(server),
                var other => IndexAsync(server, CollectionOfChoice(), keyed: other % 3 == 0),
            });
        }
        catch (ServerRefusedException refused) when (refused.Status == HttpStatusCode.TooManyRequests)
        {
            Refused++;
            Ledger.Refused();
            _uploads.Forget();
            _lostRequest = null;
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    private string CollectionOfChoice() => _random.Next(4) switch
    {
        0 => OwnCollection,
        1 => SharedCollection,
        _ => "default",
    };

    private async Task IndexAsync(HttpClient server, string collection, bool keyed)
    {
        await EnsureOwnAsync(server, collection);
        var changes = NewVersions(collection, _random.Next(1, 9)).DistinctBy(change => change.Key).ToList();
        if (keyed && collection != OwnCollection)
        {
            await RepeatAsync(server, new KeyedRequest($"{Name} {++_keys}", collection, changes, OperationId: null));
            return;
        }

        var lines = _random.Next(2) == 0;
        var wait = _random.Next(2) == 0;
        using var request = new HttpRequestMessage(HttpMethod.Post, Route(collection, wait ? "index?wait=true" : "index"))
        {
            Content = lines
                ? new StringContent(string.Concat(changes.Select(change => JsonSerializer.Serialize(DocumentOf(change)) + "\n")), Encoding.UTF8, "application/x-ndjson")
                : ServerAnswers.Json(new { documents = changes.Select(DocumentOf) }),
        };
        Ledger.Sending(changes, inParts: lines);
        var answer = await server.ExpectAsync(request, CancellationToken.None, wait ? HttpStatusCode.OK : HttpStatusCode.Accepted);
        Ledger.Acknowledged();
        await SearchAsync(server, changes[^1], wait ? null : answer.GetProperty("operationId").GetString());
    }

    /// <summary>What was written is found: at once when it was waited for, and else by a search that waits.</summary>
    private async Task SearchAsync(HttpClient server, DocumentChange change, string? operationId)
    {
        if (_random.Next(3) > 0)
        {
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, Route(change.Key.Collection, operationId is null ? "search" : $"search?after={operationId}"))
        {
            Content = ServerAnswers.Json(new { query = change.Version!.Text, k = 5, filter = new { owner = Name } }),
        };
        var answer = await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.OK);
        if (!answer.GetProperty("hits").EnumerateArray().Any(hit => hit.GetProperty("id").GetString() == change.Key.Id && hit.GetProperty("text").GetString() == change.Version.Text))
        {
            throw new InvalidOperationException($"A search after the write does not find {change.Key} with '{change.Version.Text}': {answer.GetRawText()}");
        }
    }

    /// <summary>Sends a request under its key, for the first time or again: each time the answer is the same operation.</summary>
    private async Task RepeatAsync(HttpClient server, KeyedRequest keyed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route(keyed.Collection, "index")) { Content = ServerAnswers.Json(new { documents = keyed.Changes.Select(DocumentOf) }) };
        request.Headers.Add("Idempotency-Key", keyed.Key);
        var isFirst = keyed.OperationId is null;
        if (isFirst)
        {
            _lostRequest = keyed;
            Ledger.Sending(keyed.Changes);
        }

        var answer = await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.Accepted);
        var operationId = answer.GetProperty("operationId").GetString()!;
        if (isFirst)
        {
            Ledger.Acknowledged();
        }
        else
        {
            Repeated++;
        }

        if (!isFirst && operationId != keyed.OperationId)
        {
            throw new InvalidOperationException($"The request under '{keyed.Key}' was answered with operation {operationId}, but the first time with {keyed.OperationId}.");
        }

        if (keyed.Key == _lostRequest?.Key)
        {
            Remember(keyed with { OperationId = operationId });
        }

        _lostRequest = null;
    }

    private void Remember(KeyedRequest keyed)
    {
        if (_remembered.Count == KeysRemembered)
        {
            _remembered.Dequeue();
        }

        _remembered.Enqueue(keyed);
    }

    private Task UploadAsync(HttpClient server)
    {
        var collection = _random.Next(2) == 0 ? "default" : SharedCollection;
        return _uploads.SendAsync(server, new BulkUpload(collection, $"{Name} {++_keys}", IsCsv: _random.Next(2) == 0, [.. NewVersions(collection, _random.Next(20, 120))]));
    }

    private async Task PatchAsync(HttpClient server, KeyValuePair<DocumentKey, DocumentVersion> document)
    {
        var note = _random.Next(3) == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"note {++_versions}");
        var patched = document.Value with { Note = note };
        using var request = new HttpRequestMessage(HttpMethod.Patch, Route(document.Key.Collection, $"documents/{document.Key.Id}"))
        {
            Content = ServerAnswers.Json(new { metadata = new { note } }, "application/merge-patch+json"),
        };
        Ledger.Sending([new DocumentChange(document.Key, patched)]);
        var answer = await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.OK);
        if (ServerState.VersionOf(answer) is var now && now != patched)
        {
            throw new InvalidOperationException($"{document.Key} was patched to {patched}, and answered as {now}.");
        }

        Ledger.Acknowledged();
    }

    private async Task DeleteAsync(HttpClient server, DocumentKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, Route(key.Collection, $"documents/{key.Id}"));
        Ledger.Sending([new DocumentChange(key, null)]);
        await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.NoContent);
        Ledger.Acknowledged();
    }

    private Task DeleteSomeAsync(HttpClient server, IReadOnlyList<KeyValuePair<DocumentKey, DocumentVersion>> present)
    {
        var collection = present[_random.Next(present.Count)].Key.Collection;
        var keys = present.Select(pair => pair.Key).Where(key => key.Collection == collection).OrderBy(_ => _random.Next()).Take(_random.Next(1, 6)).ToList();
        return DeleteAsync(server, collection, keys, new { ids = keys.Select(key => key.Id) });
    }

    private Task DeleteGroupAsync(HttpClient server)
    {
        var collection = _random.Next(2) == 0 ? "default" : SharedCollection;
        var group = NextGroup();
        var keys = Ledger.Present.Where(pair => pair.Key.Collection == collection && pair.Value.Group == group).Select(pair => pair.Key).ToList();
        return DeleteAsync(server, collection, keys, new { filter = new { owner = Name, group } });
    }

    private async Task DeleteAsync(HttpClient server, string collection, IEnumerable<DocumentKey> keys, object body)
    {
        var wait = _random.Next(2) == 0;
        using var request = new HttpRequestMessage(HttpMethod.Post, Route(collection, wait ? "documents/delete?wait=true" : "documents/delete")) { Content = ServerAnswers.Json(body) };
        Ledger.Sending([.. keys.Select(key => new DocumentChange(key, null))]);
        await server.ExpectAsync(request, CancellationToken.None, wait ? HttpStatusCode.OK : HttpStatusCode.Accepted);
        Ledger.Acknowledged();
    }

    private async Task EnsureOwnAsync(HttpClient server, string collection)
    {
        if (collection != OwnCollection || Ledger.Has(DocumentKey.Of(collection)))
        {
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"/collections/{collection}", UriKind.Relative));
        Ledger.Sending([new DocumentChange(DocumentKey.Of(collection), DocumentVersion.Collection)]);
        await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.Created);
        Ledger.Acknowledged();
    }

    private async Task DropAsync(HttpClient server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"/collections/{OwnCollection}", UriKind.Relative));
        Ledger.Sending([
            .. Ledger.Present.Where(pair => pair.Key.Collection == OwnCollection).Select(pair => new DocumentChange(pair.Key, null)),
            new DocumentChange(DocumentKey.Of(OwnCollection), null)]);
        await server.ExpectAsync(request, CancellationToken.None, HttpStatusCode.NoContent);
        Ledger.Acknowledged();
    }

    private IEnumerable<DocumentChange> NewVersions(string collection, int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new DocumentChange(new DocumentKey(collection, $"{Name}-{_random.Next(DocumentsACollection)}"), new DocumentVersion(NextText(), NextGroup()));
        }
    }

    private string NextGroup() => $"group{_random.Next(Groups)}";

    private string NextText()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 5; i++)
        {
            text.Append(Words[_random.Next(Words.Length)]).Append(' ');
        }

        return text.Append(CultureInfo.InvariantCulture, $"{Name} version {++_versions}").ToString();
    }

    private static Uri Route(string collection, string rest) => new($"/collections/{collection}/{rest}", UriKind.Relative);
}
