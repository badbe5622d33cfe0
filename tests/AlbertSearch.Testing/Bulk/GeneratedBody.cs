using System.IO.Compression;
using System.Net;
using System.Text;

namespace AlbertSearch.Testing.Bulk;

/// <summary>
/// A bulk body that is made while it is sent, so that it can be larger than any memory: NDJSON, or CSV in gzip. Most lines hold a document
/// of some kilobytes, some one of nearly a megabyte; some are bad, each in a known way.
/// </summary>
public sealed class GeneratedBody : HttpContent
{
    private const int TextBytes = 6_000;
    private const int LongTextBytes = 1_000_000;
    private const int TooLongBytes = 5_000_000;
    private const int Period = 100;

    private static readonly string Sentences = Repeat("The lighthouse keeper lit the lamp before the storm came in from the sea. ");

    private readonly bool _csv;
    private readonly int _lines;

    /// <summary>Describes a body; nothing is made before it is sent.</summary>
    /// <param name="csv">CSV in gzip; else NDJSON.</param>
    /// <param name="lines">Lines, without the header row of CSV.</param>
    public GeneratedBody(bool csv, int lines)
    {
        (_csv, _lines) = (csv, lines);
        Headers.ContentType = new(csv ? "text/csv" : "application/x-ndjson");
        if (csv)
        {
            Headers.ContentEncoding.Add("gzip");
        }
    }

    private enum Kind
    {
        Good,
        Long,
        TooLong,
        Malformed,
        NotUtf8,
    }

    /// <summary>Lines that hold a document.</summary>
    public int GoodLines => Enumerable.Range(1, _lines).Count(IsGood);

    /// <summary>Numbers of the lines that don't, as the server counts lines.</summary>
    public IEnumerable<long> BadLines => Enumerable.Range(1, _lines).Where(line => !IsGood(line)).Select(line => line + (_csv ? 1L : 0));

    /// <summary>Bytes of all lines that were made, before they were packed.</summary>
    public long Length { get; private set; }

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        if (!_csv)
        {
            await WriteAsync(stream);
            return;
        }

        await using var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync("id,text,lang\n"u8.ToArray());
        await WriteAsync(gzip);
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private static bool IsGood(int line) => KindOf(line) is Kind.Good or Kind.Long;

    private static Kind KindOf(int line) => (line % Period) switch
    {
        0 when line % (10 * Period) == 0 => Kind.TooLong,
        17 => Kind.Malformed,
        43 => Kind.NotUtf8,
        71 => Kind.Long,
        _ => Kind.Good,
    };

    private static string Repeat(string sentence) => string.Concat(Enumerable.Repeat(sentence, (TooLongBytes / sentence.Length) + 1));

    private async Task WriteAsync(Stream stream)
    {
        var buffer = new byte[TooLongBytes + 1_000];
        for (var line = 1; line <= _lines; line++)
        {
            var length = Make(line, buffer);
            await stream.WriteAsync(buffer.AsMemory(0, length));
            Length += length;
        }
    }

    private int Make(int line, byte[] buffer)
    {
        var kind = KindOf(line);
        var text = kind switch
        {
            Kind.Long => LongTextBytes,
            Kind.TooLong => TooLongBytes,
            _ => TextBytes,
        };

        // A bad CSV line opens a quote and leaves it open; a bad JSON line is cut off.
        var (head, tail) = _csv ? ($"d{line},\"Document {line}. ", "\",en\n") : ($"{{\"id\":\"d{line}\",\"text\":\"Document {line}. ", "\",\"metadata\":{\"lang\":\"en\"}}\n");
        var length = Encoding.UTF8.GetBytes(head, buffer);
        var middle = length;
        length += Encoding.UTF8.GetBytes(Sentences.AsSpan(0, text), buffer.AsSpan(length));
        length += Encoding.UTF8.GetBytes(kind == Kind.Malformed ? "\n" : tail, buffer.AsSpan(length));
        if (kind == Kind.NotUtf8)
        {
            buffer[middle] = 0xFF;
        }

        return length;
    }
}
