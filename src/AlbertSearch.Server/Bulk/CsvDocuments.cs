using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using CsvHelper;
using CsvHelper.Configuration;

namespace AlbertSearch.Server.Bulk;

/// <summary>Reads CSV with a header row: a column of texts, one of ids, and the others become metadata, as strings. Empty fields of metadata are left out.</summary>
internal static class CsvDocuments
{
    /// <summary>The media type.</summary>
    public const string MediaType = "text/csv";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly CsvConfiguration Rfc4180 = new(CultureInfo.InvariantCulture) { Delimiter = ",", Mode = CsvMode.RFC4180 };

    /// <summary>Reads a body to its end.</summary>
    /// <param name="body">The text.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="idColumn">The column with ids; null for <c>id</c>, which may be absent.</param>
    /// <param name="textColumn">The column with texts; null for <c>text</c>.</param>
    /// <param name="fromLine">Number of the line after the header row, when the body is the rest of one that was cut off; null or 1 when it is a whole one.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="ProblemException">The header row is not one.</exception>
    public static async IAsyncEnumerable<ImportedLine> ReadAsync(
        Stream body,
        LimitOptions limits,
        string? idColumn = null,
        string? textColumn = null,
        long? fromLine = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var records = new CsvRecordReader(body, limits.LineBytes);
        CsvColumns? columns = null;
        var shift = 0L;
        while (await records.ReadAsync(cancellationToken) is { } read)
        {
            var record = read with { Line = read.Line + shift, NextLine = read.NextLine + shift };
            var fields = Split(record, limits, out var fault);
            if (columns is null)
            {
                columns = fields is null
                    ? throw new ProblemException(fault.Failure!.Code, $"The header row can't be read: {fault.Failure.Message}")
                    : CsvColumns.Of(fields, idColumn, textColumn);
                shift = fromLine is > 1 and { } from ? from - record.NextLine : 0;
            }
            else
            {
                yield return (fields is null ? fault : ToDocument(record, fields, columns)) with { LastNumber = record.NextLine - 1 };
            }
        }
    }

    private static string[]? Split(CsvRecord record, LimitOptions limits, out ImportedLine fault)
    {
        fault = record.Fault switch
        {
            CsvRecordFault.TooLong => ImportedLine.TooLong(record.Line, limits.LineBytes),
            CsvRecordFault.OpenQuote => ImportedLine.Bad(record.Line, ErrorCodes.InvalidValue, $"A quote is opened and not closed: neither before another field's quote, nor within {limits.LineBytes} bytes (Limits:LineBytes), nor before the end."),
            _ => default,
        };
        if (record.Fault != CsvRecordFault.None)
        {
            return null;
        }

        try
        {
            using var reader = new StringReader(StrictUtf8.GetString(record.Bytes.Span));
            using var parser = new CsvParser(reader, Rfc4180);
            parser.Read();
            var fields = parser.Record!;
            if (!parser.Read())
            {
                return fields;
            }

            fault = ImportedLine.Bad(record.Line, ErrorCodes.InvalidValue, "A carriage return stands alone, outside quotes: lines end in LF or CR LF.");
        }
        catch (DecoderFallbackException error)
        {
            fault = ImportedLine.Bad(record.Line, ErrorCodes.InvalidUtf8, "The line is not UTF-8.", error.Index + 1);
        }
        catch (BadDataException error)
        {
            fault = ImportedLine.Bad(record.Line, ErrorCodes.InvalidValue, $"Quotes are out of place in the field '{Shorten(error.Field)}': a field with quotes in it is put in quotes, and its own quotes are doubled.");
        }

        return null;
    }

    private static ImportedLine ToDocument(CsvRecord record, string[] fields, CsvColumns columns)
    {
        var line = record.Line;
        if (fields.Length != columns.Names.Count)
        {
            return ImportedLine.Bad(line, ErrorCodes.InvalidValue, $"The line has {fields.Length} fields, but the header row has {columns.Names.Count}.");
        }

        var id = columns.Id < 0 || fields[columns.Id].Length == 0 ? null : fields[columns.Id];
        return new ImportedLine(line, new DocumentInput { Id = id, Text = fields[columns.Text], Metadata = MetadataOf(fields, columns) }, Failure: null, ColumnOf);

        long? ColumnOf(string field) => field switch
        {
            "text" => record.ColumnOf(columns.Text),
            "id" when columns.Id >= 0 => record.ColumnOf(columns.Id),
            _ => null,
        };
    }

    private static JsonElement? MetadataOf(string[] fields, CsvColumns columns)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json);
        var count = 0;
        writer.WriteStartObject();
        for (var i = 0; i < fields.Length; i++)
        {
            if (i != columns.Id && i != columns.Text && fields[i].Length > 0)
            {
                writer.WriteString(columns.Names[i], fields[i]);
                count++;
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return count == 0 ? null : JsonElement.Parse(json.WrittenSpan);
    }

    private static string Shorten(string field) => field.Length <= 40 ? field : string.Concat(field.AsSpan(0, 40), "…");
}
