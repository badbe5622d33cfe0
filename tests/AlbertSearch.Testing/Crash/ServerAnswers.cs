using System.Net;
using System.Text;
using System.Text.Json;

namespace AlbertSearch.Testing.Crash;

/// <summary>Requests whose answers are checked.</summary>
internal static class ServerAnswers
{
    /// <summary>GETs what must be there.</summary>
    public static async Task<JsonElement> GetJsonAsync(this HttpClient server, string route, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(route, UriKind.Relative));
        return await server.ExpectAsync(request, cancellationToken, HttpStatusCode.OK);
    }

    /// <summary>GETs what may be absent.</summary>
    /// <returns>Null when it is.</returns>
    public static async Task<JsonElement?> FindJsonAsync(this HttpClient server, string route, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(route, UriKind.Relative));
        using var answer = await server.SendAsync(request, cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync(answer, cancellationToken, HttpStatusCode.OK);
    }

    /// <summary>The operation of an idempotency key.</summary>
    /// <returns>Null when there is none.</returns>
    public static async Task<JsonElement?> FindOperationAsync(this HttpClient server, string key)
    {
        var operations = (await server.GetJsonAsync($"/operations?key={Uri.EscapeDataString(key)}")).GetProperty("operations");
        return operations.GetArrayLength() == 0 ? null : operations[0];
    }

    /// <summary>Sends a request that must be answered in one of some ways.</summary>
    /// <exception cref="ServerRefusedException">The server has no room or is stopping.</exception>
    /// <exception cref="InvalidOperationException">Another answer came.</exception>
    public static async Task<JsonElement> ExpectAsync(this HttpClient server, HttpRequestMessage request, CancellationToken cancellationToken, params HttpStatusCode[] expected)
    {
        using var answer = await server.SendAsync(request, cancellationToken);
        return await ReadAsync(answer, cancellationToken, expected);
    }

    /// <summary>A JSON body.</summary>
    public static StringContent Json(object body, string mediaType = "application/json") => new(JsonSerializer.Serialize(body), Encoding.UTF8, mediaType);

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken, params HttpStatusCode[] expected)
    {
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (expected.Contains(answer.StatusCode))
        {
            return body.Length == 0 ? default : JsonElement.Parse(body);
        }

        var what = $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.PathAndQuery} was answered {(int)answer.StatusCode}: {body}";
        throw answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            ? new ServerRefusedException(answer.StatusCode, what)
            : new InvalidOperationException(what);
    }
}
