using System.Buffers;

namespace AlbertSearch.Server.Bulk;

/// <summary>
/// Cuts a stream into lines with a buffer that never grows past the longest line allowed. The rest of a line that is too
/// long is skipped. Lines end in LF or CR LF; the last one needs no end. Not thread-safe.
/// </summary>
/// <param name="stream">The text; not closed.</param>
/// <param name="limitBytes">Most bytes of a line.</param>
internal sealed class LineReader(Stream stream, int limitBytes) : IDisposable
{
    private const int FirstBufferBytes = 64 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _start;
    private int _end;
    private int _scanned;
    private long _number;
    private bool _ended;
    private bool _skipping;

    /// <summary>The next line, or null at the end.</summary>
    public async ValueTask<BodyLine?> ReadLineAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var lineEnd = _scanned + newline;
                BodyLine? line = Take(lineEnd);
                _start = _scanned = lineEnd + 1;
                if (line is not null)
                {
                    return line;
                }

                continue;
            }

            _scanned = _end;
            if (_ended)
            {
                BodyLine? last = _start < _end ? Take(_end) : null;
                _start = _scanned = _end;
                return last;
            }

            // Two bytes more than the limit hold the longest line with its CR LF.
            if (_end - _start > limitBytes + 1)
            {
                BodyLine? cut = _skipping ? null : Cut();
                _start = _scanned = _end = 0;
                _skipping = true;
                if (cut is not null)
                {
                    return cut;
                }
            }

            await FillAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private BodyLine? Take(int lineEnd)
    {
        if (_skipping)
        {
            // The end of a line that was reported already.
            _skipping = false;
            return null;
        }

        var carriageReturn = lineEnd > _start && _buffer[lineEnd - 1] == '\r';
        var end = carriageReturn ? lineEnd - 1 : lineEnd;
        var tooLong = end - _start > limitBytes;
        return new BodyLine(++_number, _buffer.AsMemory(_start, Math.Min(end - _start, limitBytes)), tooLong, carriageReturn);
    }

    private BodyLine Cut() => new(++_number, _buffer.AsMemory(_start, limitBytes), TooLong: true);

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _scanned -= _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 2L, Array.MaxLength));
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _ended = read == 0;
    }
}
