using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using AlbertSearch.Documents;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;

namespace AlbertSearch.Server.Bulk;

/// <summary>Reads NDJSON: a document a line. Blank lines are passed over.</summary>
internal static class NdjsonDocuments
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/x-ndjson";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a body to its end.</summary>
    /// <param name="body">The text.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<ImportedLine> ReadAsync(Stream body, LimitOptions limits, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var lines = new LineReader(body, limits.LineBytes);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.IsBlank)
            {
                yield return Parse(line, limits);
            }
        }
    }

    /// <summary>Writes documents as lines that <see cref="ReadAsync"/> reads to the same documents.</summary>
    public static void Write(IBufferWriter<byte> destination, IReadOnlyList<Document> documents)
    {
        using var json = new Utf8JsonWriter(destination, Compact);
        foreach (var document in documents)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, document.Id);
            json.WriteString("text"u8, document.Text);
            if (document.Metadata is { } metadata)
            {
                json.WritePropertyName("metadata"u8);
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(metadata), skipInputValidation: true);
            }

            json.WriteEndObject();
            json.Flush();
            destination.Write("\n"u8);
            json.Reset();
        }
    }

    private static ImportedLine Parse(BodyLine line, LimitOptions limits)
    {
        if (line.TooLong)
        {
            return ImportedLine.TooLong(line.Number, limits.LineBytes);
        }

        try
        {
            return new ImportedLine(line.Number, DocumentJson.ReadOne(line.Bytes.Span, limits), Failure: null);
        }
        catch (ProblemException problem)
        {
            return ImportedLine.Bad(line.Number, problem);
        }
    }
}
