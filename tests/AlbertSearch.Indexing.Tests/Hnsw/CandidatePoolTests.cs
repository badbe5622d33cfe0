using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class CandidatePoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(200)]
    public void Add_many_keeps_the_closest_and_expands_each_once(int width)
    {
        var random = new Random(width);
        var keys = Enumerable.Range(0, 150).Select(node => Candidate.Key(random.Next(40), node)).ToArray();
        random.Shuffle(keys);
        var pool = new CandidatePool();
        pool.Reset(width);
        var expanded = new List<int>();
        foreach (var key in keys)
        {
            pool.Add(key);
            if (random.Next(3) == 0 && pool.TryExpandNearest(out var node))
            {
                expanded.Add(node);
            }
        }

        while (pool.PeekNearest() is >= 0 and var next && pool.TryExpandNearest(out var node))
        {
            Assert.Equal(next, node);
            expanded.Add(node);
        }

        var expected = keys.OrderDescending().Take(width).Select(Candidate.Node).ToArray();
        Assert.Equal(expected, pool.Keys.ToArray().Select(Candidate.Node));
        Assert.Equal(expanded.Count, expanded.Distinct().Count());
        Assert.Subset(expanded.ToHashSet(), expected.ToHashSet());
    }

    [Fact]
    public void Restart_forgets_what_was_expanded()
    {
        var pool = new CandidatePool();
        pool.Reset(2);
        pool.Add(Candidate.Key(1, 1));
        pool.Add(Candidate.Key(2, 2));
        Assert.True(pool.TryExpandNearest(out _));
        pool.Restart(100);
        Assert.Equal(2, pool.Count);
        Assert.True(pool.TryExpandNearest(out var node));
        Assert.Equal(2, node);
        for (var i = 3; i < 100; i++)
        {
            pool.Add(Candidate.Key(i, i));
        }

        Assert.Equal(99, pool.Count);
    }
}
