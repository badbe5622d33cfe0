using System.Buffers;
using System.Runtime.CompilerServices;
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
    /// <param name="firstLine">Number of the body's first line: more than 1 when it is the rest of a body that was cut off.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<ImportedLine> ReadAsync(Stream body, LimitOptions limits, long firstLine = 1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var lines = new LineReader(body, limits.LineBytes);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.IsBlank)
            {
                yield return Parse(line with { Number = line.Number + firstLine - 1 }, limits);
            }
        }
    }

    /// <summary>Writes a document as a line that <see cref="ReadAsync"/> reads to the same document.</summary>
    public static void Write(IBufferWriter<byte> destination, Document document)
    {
        using (var json = new Utf8JsonWriter(destination, Compact))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, document.Id);
            json.WriteString("text"u8, document.Text);
            if (document.Metadata is { } metadata)
            {
                // Not as it was sent, but as its value is: a line has no line ends in it.
                json.WritePropertyName("metadata"u8);
                metadata.WriteTo(json);
            }

            json.WriteEndObject();
        }

        destination.Write("\n"u8);
    }

    private static ImportedLine Parse(BodyLine line, LimitOptions limits)
    {
        if (line.TooLong)
        {
            return ImportedLine.TooLong(line.Number, limits.LineBytes);
        }

        try
        {
            return new ImportedLine(line.Number, DocumentJson.ReadOne(line.Bytes.Span, limits), Failure: null, field => DocumentJson.ColumnOf(line.Bytes.Span, field));
        }
        catch (ProblemException problem)
        {
            return ImportedLine.Bad(line.Number, problem);
        }
    }
}
