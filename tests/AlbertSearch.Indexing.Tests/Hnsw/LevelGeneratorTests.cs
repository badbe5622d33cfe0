using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class LevelGeneratorTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public void LevelOf_one_in_M_goes_a_layer_up(int m)
    {
        const int Nodes = 200_000;
        var generator = new LevelGenerator(m, seed: 42);
        var levels = Enumerable.Range(0, Nodes).Select(generator.LevelOf).ToArray();
        for (var level = 1; level <= 3; level++)
        {
            // A binomial count: five deviations either way.
            var expected = Nodes * Math.Pow(m, -level);
            Assert.InRange(levels.Count(l => l >= level), expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
        }

        Assert.InRange(levels.Max(), 3, LevelGenerator.MaxLevel);
    }

    [Fact]
    public void LevelOf_another_seed_gives_other_levels()
    {
        var (one, two) = (new LevelGenerator(4, 1), new LevelGenerator(4, 2));
        Assert.Contains(Enumerable.Range(0, 100), node => one.LevelOf(node) != two.LevelOf(node));
        Assert.All(Enumerable.Range(0, 100), node => Assert.Equal(one.LevelOf(node), new LevelGenerator(4, 1).LevelOf(node)));
    }
}
