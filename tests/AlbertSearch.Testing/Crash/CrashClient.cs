using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>
/// One client of a server that may be killed at any moment: it adds, replaces and deletes documents of its own, some with
/// <c>wait=true</c> and some without, as JSON and as NDJSON, and keeps a ledger of what was acknowledged.
/// </summary>
public sealed class CrashClient
{
    private static readonly string[] Words = ["river", "mountain", "bread", "engine", "music", "garden", "letter", "winter", "coffee", "bridge", "doctor", "island"];

    private readonly string _name;
    private readonly Random _random;
    private int _versions;
    private int _answered;

    /// <summary>Makes a client.</summary>
    /// <param name="name">Starts its documents' ids, which no other client uses.</param>
    /// <param name="seed">Decides what it sends.</param>
    public CrashClient(string name, int seed)
    {
        _name = name;
        _random = new Random(seed);
    }

    /// <summary>What it knows.</summary>
    public DocumentLedger Ledger { get; } = new();

    /// <summary>Requests that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Sends requests until the server is gone or the call is canceled.</summary>
    /// <exception cref="InvalidOperationException">The server refused a request that is right.</exception>
    public async Task RunAsync(HttpClient server, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await SendAsync(server, cancellationToken);
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
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The round is over.
        }
    }

    private async Task SendAsync(HttpClient server, CancellationToken cancellationToken)
    {
        if (_random.Next(4) == 0 && Ledger.Present is { Count: > 0 } present)
        {
            await DeleteAsync(server, present[_random.Next(present.Count)], cancellationToken);
            return;
        }

        var versions = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var i = _random.Next(1, 9); i > 0; i--)
        {
            versions[$"{_name}-{_random.Next(60)}"] = NextText();
        }

        await IndexAsync(server, versions, cancellationToken);
    }

    private string NextText()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 5; i++)
        {
            text.Append(Words[_random.Next(Words.Length)]).Append(' ');
        }

        return text.Append(CultureInfo.InvariantCulture, $"{_name} version {++_versions}").ToString();
    }

    private async Task IndexAsync(HttpClient server, Dictionary<string, string?> versions, CancellationToken cancellationToken)
    {
        var lines = _random.Next(2) == 0;
        var route = _random.Next(2) == 0 ? "/index" : "/index?wait=true";
        using var body = lines
            ? new StringContent(string.Concat(versions.Select(v => JsonSerializer.Serialize(new { id = v.Key, text = v.Value }) + "\n")), Encoding.UTF8, "application/x-ndjson")
            : (HttpContent)JsonContent.Create(new { documents = versions.Select(v => new { id = v.Key, text = v.Value }) });
        Ledger.Sending(versions);
        using var answer = await server.PostAsync(new Uri(route, UriKind.Relative), body, cancellationToken);
        await ExpectAsync(answer, cancellationToken, HttpStatusCode.OK, HttpStatusCode.Accepted);
        Ledger.Acknowledged(versions);
    }

    private async Task DeleteAsync(HttpClient server, string id, CancellationToken cancellationToken)
    {
        var version = new Dictionary<string, string?>(StringComparer.Ordinal) { [id] = null };
        Ledger.Sending(version);
        using var answer = await server.DeleteAsync(new Uri($"/documents/{id}", UriKind.Relative), cancellationToken);
        await ExpectAsync(answer, cancellationToken, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.NotFound);
        Ledger.Acknowledged(version);
    }

    private static async Task ExpectAsync(HttpResponseMessage answer, CancellationToken cancellationToken, params HttpStatusCode[] expected)
    {
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!expected.Contains(answer.StatusCode))
        {
            throw new InvalidOperationException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} was answered {(int)answer.StatusCode}: {body}");
        }
    }
}
