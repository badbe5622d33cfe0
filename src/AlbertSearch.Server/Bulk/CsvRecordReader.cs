using System.Buffers;

namespace AlbertSearch.Server.Bulk;

/// <summary>
/// Puts lines together to CSV records (RFC 4180). A quote that is never closed costs the line that it is on and no other: reading
/// goes on with the line after it. Memory is bounded by the limit. Not thread-safe.
/// </summary>
/// <remarks>
/// The time is linear in spite of that: a line that opens a quote has an odd run of quotes at the start of a field, and that same
/// run closes a quote that is open, so that of the lines that stay within a quote none opens one when it is read again by itself.
/// </remarks>
/// <param name="stream">The text; not closed.</param>
/// <param name="limitBytes">Most bytes of a record.</param>
internal sealed class CsvRecordReader(Stream stream, int limitBytes) : IDisposable
{
    private readonly LineReader _reader = new(stream, limitBytes);
    private readonly List<Line> _lines = [];
    private ArrayBufferWriter<byte> _window = new();
    private int _next;

    /// <summary>The next record, or null at the end. Blank lines between records are passed over.</summary>
    public async ValueTask<CsvRecord?> ReadAsync(CancellationToken cancellationToken = default)
    {
        Forget();
        while (await HasAsync(_next, cancellationToken))
        {
            var first = _lines[_next];
            if (first.TooLong)
            {
                _next++;
                return new CsvRecord(first.Number, first.Number + 1, default, CsvRecordFault.TooLong);
            }

            if (Text(first.Start, first.End).Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                return await JoinAsync(first, cancellationToken);
            }

            _next++;
        }

        return null;
    }

    /// <inheritdoc />
    public void Dispose() => _reader.Dispose();

    /// <summary>Takes lines for as long as a quote is open.</summary>
    private async ValueTask<CsvRecord> JoinAsync(Line first, CancellationToken cancellationToken)
    {
        var scan = new CsvScan();
        var last = _next;
        while (true)
        {
            scan.Go(Text(_lines[last].Start, _lines[last].End).Span);
            if (!scan.IsQuoteOpen)
            {
                if (scan.IsBroken && last > _next)
                {
                    // It was the next quoted field that closed the quote: the lines after the first are records of their own.
                    break;
                }

                _next = last + 1;
                return new CsvRecord(first.Number, _lines[last].Number + 1, Text(first.Start, _lines[last].End), CsvRecordFault.None);
            }

            last++;
            if (!await HasAsync(last, cancellationToken) || _lines[last].TooLong || _lines[last].End - first.Start > limitBytes)
            {
                break;
            }
        }

        _next++;
        return new CsvRecord(first.Number, first.Number + 1, default, CsvRecordFault.OpenQuote);
    }

    private async ValueTask<bool> HasAsync(int index, CancellationToken cancellationToken)
    {
        if (index < _lines.Count)
        {
            return true;
        }

        if (await _reader.ReadLineAsync(cancellationToken) is not { } line)
        {
            return false;
        }

        var start = _window.WrittenCount;
        if (!line.TooLong)
        {
            _window.Write(line.Text);
        }

        // The ends of lines count within quotes.
        var end = _window.WrittenCount;
        _window.Write(line.HasCarriageReturn ? "\r\n"u8 : "\n"u8);
        _lines.Add(new Line(line.Number, start, end, line.TooLong));
        return true;
    }

    private ReadOnlyMemory<byte> Text(int start, int end) => _window.WrittenMemory[start..end];

    /// <summary>Drops the lines that were taken, once that is worth the copying of the others.</summary>
    private void Forget()
    {
        if (_next == _lines.Count)
        {
            _lines.Clear();
            _window.ResetWrittenCount();
            _next = 0;
        }
        else if (_lines[_next].Start is var start && start > limitBytes)
        {
            var rest = new ArrayBufferWriter<byte>(_window.WrittenCount - start);
            rest.Write(_window.WrittenSpan[start..]);
            _window = rest;
            _lines.RemoveRange(0, _next);
            for (var i = 0; i < _lines.Count; i++)
            {
                _lines[i] = _lines[i] with { Start = _lines[i].Start - start, End = _lines[i].End - start };
            }

            _next = 0;
        }
    }

    private readonly record struct Line(long Number, int Start, int End, bool TooLong);
}
