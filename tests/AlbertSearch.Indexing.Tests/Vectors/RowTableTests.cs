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
    public void MoveFirstRows_reads_from_the_block_and_hands_out_what_they_lay_in()
    {
        using var table = new RowTable<int>(1 << 19, sizeof(int));
        Assert.Equal(2, table.ChunkRows);
        table.Ensure(5);
        for (var row = 0; row < 6; row++)
        {
            table[row].Fill(row);
        }

        var chunk = (long)table.Stride * table.ChunkRows;
        foreach (var chunks in new[] { 1, 1, 2, 4 })
        {
            var block = NativeBuffer.Allocate(chunks * chunk);
            for (var row = 0; row < Math.Min(6, 2 * chunks); row++)
            {
                table[row].CopyTo(block.Slice<int>((long)row * table.Stride, table.Length));
            }

            var freed = table.MoveFirstRows(block);
            Assert.Equal(Math.Min(3, chunks) * chunk, freed.Sum(old => old.Length));
            foreach (var old in freed)
            {
                old.Dispose();
            }

            for (var row = 0; row < 6; row++)
            {
                Assert.Equal(-1, table[row].IndexOfAnyExcept(row));
            }
        }

        Assert.Equal(8, table.Capacity);
        table.Ensure(8);
        Assert.Equal(-1, table[8].IndexOfAnyExcept(0));
        Assert.Equal(5 * chunk, table.Bytes);
    }

    [Fact]
    public void MoveFirstRows_to_part_of_a_chunk_or_fewer_than_before_is_refused()
    {
        using var table = new RowTable<int>(1 << 19, sizeof(int));
        using var part = NativeBuffer.Allocate(64);
        Assert.Throws<ArgumentException>(() => table.MoveFirstRows(part));
        var chunk = (long)table.Stride * table.ChunkRows;
        Assert.Empty(table.MoveFirstRows(NativeBuffer.Allocate(2 * chunk)));
        using var fewer = NativeBuffer.Allocate(chunk);
        Assert.Throws<ArgumentException>(() => table.MoveFirstRows(fewer));
    }
}
