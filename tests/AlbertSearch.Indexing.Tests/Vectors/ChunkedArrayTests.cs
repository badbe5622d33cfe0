using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Tests.Vectors;

public class ChunkedArrayTests
{
    [Fact]
    public void Read_never_written_is_initial()
    {
        var array = new ChunkedArray<int>(-7);
        Assert.Equal(-7, array.Read(0));
        Assert.Equal(-7, array.Read(int.MaxValue));
        Assert.Equal(0, array.Bytes);
        array.Ensure(5_000) = 3;
        Assert.Equal(3, array.Read(5_000));
        Assert.Equal(3, array[5_000]);
        Assert.Equal(-7, array.Read(4_999));
        Assert.Equal(-7, array.Read(0));
    }

    [Fact]
    public void Ensure_growing_moves_no_element()
    {
        var array = new ChunkedArray<long>();
        ref var first = ref array.Ensure(0);
        for (var i = 1; i < 100_000; i += 777)
        {
            array.Ensure(i) = i;
        }

        first = 5;
        Assert.Equal(5, array.Read(0));
        Assert.Equal(778, array.Read(778));
    }
}
