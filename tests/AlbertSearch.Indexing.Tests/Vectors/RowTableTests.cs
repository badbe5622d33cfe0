using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Tests.Vectors;

public class RowTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(768)]
    [InlineData(2_000_000)]
    public void Ensure_rows_are_zero_apart_and_aligned(int length)
    {
        using var table = new RowTable<float>(length, sizeof(float));
        var last = (2 * table.ChunkRows) + 1;
        table.Ensure(last);
        Assert.InRange(table.Capacity, last + 1, 4 * table.ChunkRows);
        Assert.Equal(0, table.Stride % 64);
        Assert.Equal(0, table.Addresses[last] % 64);
        Assert.Equal(-1, table[last].IndexOfAnyExcept(0f));
        table[last - 1].Fill(1);
        Assert.Equal(-1, table[last].IndexOfAnyExcept(0f));
        table[last].Fill(2);
        Assert.Equal(-1, table[last - 1].IndexOfAnyExcept(1f));
    }

    [Fact]
    public void Read_beyond_the_memory_throws()
    {
        using var table = new RowTable<int>(4, sizeof(int));
        Assert.Throws<IndexOutOfRangeException>(() => table[0].Length);
        table.Ensure(0);
        Assert.Throws<IndexOutOfRangeException>(() => table[table.ChunkRows].Length);
        Assert.ThrowsAny<Exception>(() => table[-1].Length);
    }

    [Fact]
    public void RawRows_across_chunks_is_refused()
    {
        using var table = new RowTable<int>(4, sizeof(int));
        table.Ensure(table.ChunkRows);
        Assert.Equal(table.Stride, table.RawRows(table.ChunkRows - 1, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.RawRows(table.ChunkRows - 1, 2).Length);
    }

    [Fact]
    public void Adopt_chunk_of_another_size_is_refused()
    {
        using var table = new RowTable<int>(4, sizeof(int));
        using var block = NativeBuffer.Allocate(64);
        Assert.Throws<ArgumentException>(() => table.Adopt(block));
    }
}
