using System.Text;
using AlbertSearch.Server.Bulk;

namespace AlbertSearch.Server.Tests.Bulk;

public class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("\r\n\r\n", new[] { "", "" })]
    [InlineData("a\rb\n", new[] { "a\rb" })]
    [InlineData("a\r", new[] { "a" })]
    public async Task Lines_are_cut_at_line_ends(string text, string[] expected)
    {
        foreach (var piece in new[] { 1, 2, 3, 1_000 })
        {
            var lines = await ReadAllAsync(Encoding.UTF8.GetBytes(text), limitBytes: 100, piece);

            Assert.Equal(expected, lines.Select(line => line.Text));
            Assert.Equal(Enumerable.Range(1, expected.Length).Select(number => (long)number), lines.Select(line => line.Number));
            Assert.DoesNotContain(lines, line => line.TooLong);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Line_longer_than_the_limit_is_reported_once_and_skipped(int piece)
    {
        var text = $"{new string('x', 10)}\n{new string('y', 11)}\n{new string('z', 5_000)}\r\nlast\n{new string('w', 300)}";

        var lines = await ReadAllAsync(Encoding.UTF8.GetBytes(text), limitBytes: 10, piece);

        Assert.Equal([false, true, true, false, true], lines.Select(line => line.TooLong));
        Assert.Equal([1L, 2, 3, 4, 5], lines.Select(line => line.Number));
        Assert.Equal("xxxxxxxxxx", lines[0].Text);
        Assert.Equal("last", lines[3].Text);
    }

    [Fact]
    public async Task Line_of_exactly_the_limit_goes_through_with_either_end()
    {
        var line = new string('x', 200_000);

        var lines = await ReadAllAsync(Encoding.UTF8.GetBytes($"{line}\r\n{line}\n{line}"), limitBytes: 200_000, piece: 4_096);

        Assert.Equal(3, lines.Count);
        Assert.All(lines, read => Assert.True(read is { TooLong: false, Text.Length: 200_000 }));
    }

    [Fact]
    public async Task Endless_line_does_not_grow_the_buffer()
    {
        using var stream = new EndlessLine(bytes: 256L << 20);
        using var reader = new LineReader(stream, limitBytes: 1 << 20);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var line = await reader.ReadLineAsync();

        Assert.True(line!.Value.TooLong);
        Assert.Null(await reader.ReadLineAsync());
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 << 20);
    }

    private static async Task<List<(long Number, string Text, bool TooLong)>> ReadAllAsync(byte[] bytes, int limitBytes, int piece)
    {
        using var stream = new PieceStream(bytes, piece);
        using var reader = new LineReader(stream, limitBytes);
        var lines = new List<(long, string, bool)>();
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add((line.Number, Encoding.UTF8.GetString(line.Bytes.Span), line.TooLong));
        }

        return lines;
    }

    /// <summary>Gives its bytes a few at a time, as a network does.</summary>
    private sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }

    private sealed class EndlessLine(long bytes) : MemoryStream
    {
        private long _left = bytes;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(_left, buffer.Length);
            buffer.Span[..count].Fill((byte)'x');
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
