using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AlbertSearch.Documents;

/// <summary>The one form in which metadata is compared and stored: compact JSON, numbers as they were written.</summary>
internal static class MetadataJson
{
    /// <summary>Writes that form: characters of the basic plane stay as they are.</summary>
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The compact form of a value.</summary>
    public static string Compact(JsonElement value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
