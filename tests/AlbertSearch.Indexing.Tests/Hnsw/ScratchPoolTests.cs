using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class ScratchPoolTests
{
    [Fact]
    public void Rent_hands_out_what_came_back_and_none_twice()
    {
        var made = 0;
        var pool = new ScratchPool<object>(
            () =>
            {
                made++;
                return new object();
            },
            capacity: 2);
        var (a, b, c) = (pool.Rent(), pool.Rent(), pool.Rent());
        Assert.Equal(3, made);
        pool.Return(a);
        pool.Return(b);
        pool.Return(c);
        Assert.Equal([a, b], new[] { pool.Rent(), pool.Rent() });
        Assert.DoesNotContain(pool.Rent(), new[] { a, b, c });
        Assert.Equal(4, made);
    }
}
