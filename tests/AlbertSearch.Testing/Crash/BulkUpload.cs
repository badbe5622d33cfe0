using System.Net;
using System.Text;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>A bulk load that goes out slowly, so that a kill may cut it anywhere: NDJSON or CSV, under an idempotency key.</summary>
/// <param name="Collection">Where it goes.</param>
/// <param name="Key">The idempotency key.</param>
/// <param name="IsCsv">CSV, else NDJSON.</param>
/// <param name="Changes">Its documents.</param>
internal sealed record BulkUpload(string Collection, string Key, bool IsCsv, IReadOnlyList<DocumentChange> Changes)
{
    private const int LinesAtOnce = 10;

    // CSV has its header row first.
    private int HeaderLines => IsCsv ? 1 : 0;

    /// <summary>How many documents a number of committed lines holds.</summary>
    public int DocumentsIn(int lines) => Math.Max(0, lines - HeaderLines);

    /// <summary>The request that sends all of it.</summary>
    public HttpRequestMessage Whole() => Request(from: 0, query: string.Empty);

    /// <summary>The request that sends the rest.</summary>
    /// <param name="lines">Lines that the server has.</param>
    public HttpRequestMessage Rest(int lines) => Request(DocumentsIn(lines), $"&from={lines + 1}");

    private HttpRequestMessage Request(int from, string query)
    {
        var lines = Changes.Skip(from).Select(change => IsCsv ? CsvLine(change) : JsonLine(change));
        var content = new SlowContent([.. IsCsv ? lines.Prepend("id,text,owner,group") : lines]);
        content.Headers.ContentType = new(IsCsv ? "text/csv" : "application/x-ndjson");
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/collections/{Collection}/index?wait=true{query}", UriKind.Relative)) { Content = content };
        request.Headers.Add("Idempotency-Key", Key);
        return request;
    }

    private static string JsonLine(DocumentChange change) => JsonSerializer.Serialize(CrashClient.DocumentOf(change));

    private static string CsvLine(DocumentChange change) =>
        $"{change.Key.Id},\"{change.Version!.Text}\",{CrashClient.OwnerOf(change.Key)},{change.Version.Group}";

    private sealed class SlowContent(IReadOnlyList<string> lines) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var part in lines.Chunk(LinesAtOnce))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(part.Select(line => line + "\n"))));
                await stream.FlushAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(1));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
