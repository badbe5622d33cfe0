using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AlbertSearch.Server.Responses;

/// <summary>Writes JSON answers.</summary>
internal static class HttpResponseJsonExtensions
{
    /// <summary>Writes a value as JSON, piece by piece: a long answer never lies in memory as a whole.</summary>
    public static async Task WriteJsonAsync<T>(this HttpResponse response, T value, JsonTypeInfo<T> type, string contentType = "application/json; charset=utf-8")
    {
        response.ContentType = contentType;
        await JsonSerializer.SerializeAsync(response.BodyWriter, value, type, response.HttpContext.RequestAborted);
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }
}
