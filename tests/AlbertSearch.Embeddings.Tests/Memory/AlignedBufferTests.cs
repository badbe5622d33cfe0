using AlbertSearch.Embeddings.Memory;

namespace AlbertSearch.Embeddings.Tests.Memory;

public sealed class AlignedBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_003)]
    public void Span_new_buffer_is_zero_and_starts_on_a_cache_line(int length)
    {
        using var buffer = new AlignedBuffer<float>(length);
        Assert.Equal(length, buffer.Span.Length);
        Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0f));
        Assert.Equal(0, buffer.Address % 64);
    }

    [Fact]
    public void Span_disposed_buffer_throws()
    {
        var buffer = new AlignedBuffer<byte>(5);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
    }

    [Fact]
    public void Constructor_negative_length_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer<int>(-1));
}
