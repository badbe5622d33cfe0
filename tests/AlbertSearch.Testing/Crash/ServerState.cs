using System.Globalization;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>All that a server with an empty queue holds, read by the REST interface.</summary>
/// <param name="Documents">Documents, and the collections themselves but for the default one.</param>
internal sealed record ServerState(IReadOnlyDictionary<DocumentKey, DocumentVersion> Documents)
{
    private const string DefaultCollection = "default";

    // Replaced vectors go when the searches that may see them have ended.
    private static readonly TimeSpan LongestCleaning = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the queue is empty, and reads.</summary>
    /// <exception cref="InvalidOperationException">A document is listed twice, or a collection's counters are not those of its documents.</exception>
    public static async Task<ServerState> ReadAsync(HttpClient server)
    {
        await WaitUntilIdleAsync(server);
        var documents = new Dictionary<DocumentKey, DocumentVersion>();
        foreach (var collection in (await server.GetJsonAsync("/collections")).GetProperty("collections").EnumerateArray())
        {
            var name = collection.GetProperty("name").GetString()!;
            await CheckCountersAsync(server, name, await ListAsync(server, name, documents));
            if (name != DefaultCollection)
            {
                documents.Add(DocumentKey.Of(name), DocumentVersion.Collection);
            }
        }

        return new ServerState(documents);
    }

    /// <summary>What a document holds.</summary>
    public static DocumentVersion VersionOf(JsonElement document)
    {
        var metadata = document.GetProperty("metadata");
        return new DocumentVersion(
            document.GetProperty("text").GetString()!,
            metadata.GetProperty("group").GetString()!,
            metadata.TryGetProperty("note", out var note) ? note.GetString() : null);
    }

    private static async Task WaitUntilIdleAsync(HttpClient server)
    {
        foreach (var state in (string[])["accepted", "running"])
        {
            while ((await server.GetJsonAsync($"/operations?state={state}&limit=1")).GetProperty("operations").GetArrayLength() > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private static async Task<int> ListAsync(HttpClient server, string collection, Dictionary<DocumentKey, DocumentVersion> documents)
    {
        var count = 0;
        string? cursor = null;
        do
        {
            var page = await server.GetJsonAsync($"/collections/{collection}/documents?limit=100" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}"));
            foreach (var document in page.GetProperty("documents").EnumerateArray())
            {
                count++;
                var key = new DocumentKey(collection, document.GetProperty("id").GetString()!);
                if (!documents.TryAdd(key, VersionOf(document)))
                {
                    throw new InvalidOperationException($"{key} is listed twice");
                }
            }

            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return count;
    }

    /// <summary>The texts are short: each document has one chunk and one vector, as soon as replaced vectors are out of the index.</summary>
    private static async Task CheckCountersAsync(HttpClient server, string name, int documents)
    {
        using var limit = new CancellationTokenSource(LongestCleaning);
        while (true)
        {
            var collection = await server.GetJsonAsync($"/collections/{name}");
            var vectors = collection.GetProperty("index").GetProperty("count").GetInt32();
            if ((collection.GetProperty("documents").GetInt32(), collection.GetProperty("chunks").GetInt32()) != (documents, documents)
                || vectors < documents
                || (vectors > documents && limit.IsCancellationRequested))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"{documents} documents of one chunk each are listed, but the collection says {collection.GetRawText()}"));
            }

            if (vectors == documents)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }
}
