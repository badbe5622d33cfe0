using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

/// <summary>
/// After a repair: no list names a row that is free, and a path of links leads to every node that is held. Looked at in the graph itself:
/// a search that finds too little scans, and would hide it.
/// </summary>
public class GraphRepairTests
{
    private const int Dimension = 32;

    [Fact]
    public async Task Remove_many_repairs_in_the_background_and_uses_the_rows_again()
    {
        var vectors = RandomVectors.Units(1, 1_000, Dimension);
        using var index = Build(vectors, new HnswOptions { RepairAt = 0.2 });

        for (var slot = 0; slot < 300; slot++)
        {
            index.Remove(slot);
        }

        await index.BackgroundRepair;
        Assert.InRange(index.GetStatistics().Tombstones, 0, 299);
        index.Repair();
        Assert.Equal(0, index.GetStatistics().Tombstones);
        for (var slot = 0; slot < 300; slot++)
        {
            index.Insert(5_000 + slot, vectors[slot]);
        }

        Assert.Equal(1_000, index.GetStatistics().Levels.Sum());
        Assert.Equal(1_000, index.Count);
    }

    [Fact]
    public void Repair_after_most_were_removed_rebuilds_the_graph_in_place()
    {
        using var index = Build(RandomVectors.Units(2, 2_000, Dimension), new HnswOptions { RepairAt = 1 });

        for (var slot = 0; slot < 1_600; slot++)
        {
            index.Remove(slot);
        }

        index.Repair();
        Assert.Equal(0, index.GetStatistics().Tombstones);
        Assert.InRange(index.MeasureRecall(400, 10, 32, seed: 1), 0.95, 1);
    }

    [Fact]
    public void Repair_after_all_were_removed_leaves_a_graph_that_grows_again()
    {
        using var index = new HnswIndex(Dimension, new HnswOptions { RepairAt = 1 });
        var vectors = RandomVectors.Units(3, 500, Dimension);
        for (var round = 0; round < 3; round++)
        {
            for (var slot = 0; slot < 500; slot++)
            {
                index.Insert(slot, vectors[slot]);
            }

            Assert.InRange(index.MeasureRecall(200, 10, 32, seed: 1), 0.9, 1);
            for (var slot = 0; slot < 500; slot++)
            {
                index.Remove(slot);
            }

            index.Repair();
            Assert.Equal(0, index.Search(vectors[0], default, new Neighbor[3]));
        }

        Assert.InRange(index.GetStatistics().Levels.Sum(), 500, 502);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Repair_after_topics_were_removed_but_for_few_leaves_those_reachable(int removedTopics)
    {
        var topics = Topics(seed: 4, topics: 8, each: 500);
        using var index = Build(topics);
        RemoveMost(index, removedTopics * 500);
        index.Repair();
        AssertRepaired(index);
        Assert.InRange(SharesFound(index, topics), 0.99, 1);
    }

    [Fact]
    public void Insert_among_the_tombstones_of_a_topic_links_to_the_living()
    {
        var topics = Topics(seed: 5, topics: 8, each: 500);
        using var index = Build(topics);
        RemoveMost(index, 500);
        for (var slot = 0; slot < 500; slot++)
        {
            if (!index.Contains(slot))
            {
                index.Insert(slot, topics[slot]);
            }
        }

        index.Repair();
        AssertRepaired(index);
        Assert.InRange(SharesFound(index, topics), 0.99, 1);
    }

    [Fact]
    public async Task Insert_beside_the_repair_of_a_graph_of_tombstones_alone_stays_reachable()
    {
        var vectors = RandomVectors.Units(17, 120, Dimension);
        for (var round = 0; round < 200; round++)
        {
            using var index = Build(vectors[..60], new HnswOptions { M = 4, EfConstruction = 16, RepairAt = 1 });
            for (var slot = 0; slot < 60; slot++)
            {
                index.Remove(slot);
            }

            // The repair empties the tombstones' lists while inserts link themselves to them.
            var repair = Task.Run(() => index.Repair());
            for (var slot = 60; slot < 120; slot++)
            {
                index.Insert(slot, vectors[slot]);
            }

            await repair;
            Assert.Equal(60, index.Count);
            AssertRepaired(index);
        }
    }

    [Fact]
    public async Task Repair_beside_inserts_and_removals_leaves_all_reachable()
    {
        var topics = Topics(seed: 6, topics: 6, each: 300);
        using var index = Build(topics);
        RemoveMost(index, 900);
        var inserts = Task.Run(() =>
        {
            for (var slot = 0; slot < 900; slot++)
            {
                if (!index.Contains(slot))
                {
                    index.Insert(slot, topics[slot]);
                }
            }
        });
        var removals = Task.Run(() =>
        {
            for (var slot = 1_000; slot < 1_400; slot++)
            {
                index.Remove(slot);
            }
        });
        while (!inserts.IsCompleted || !removals.IsCompleted)
        {
            index.Repair();
        }

        await inserts;
        await removals;
        index.Repair();
        AssertRepaired(index);
        Assert.Equal(1_400, index.Count);
    }

    /// <summary>Vectors by topic, a topic's one after the other.</summary>
    private static float[][] Topics(int seed, int topics, int each)
    {
        var random = new Random(seed);
        var centres = RandomVectors.Units(seed, topics, Dimension);
        return [.. Enumerable.Range(0, topics * each).Select(i => RandomVectors.Near(random, centres[i / each], 0.6f))];
    }

    private static HnswIndex Build(float[][] vectors, HnswOptions? options = null)
    {
        var index = new HnswIndex(Dimension, options ?? new HnswOptions { M = 8, EfConstruction = 60, RepairAt = 1 });
        for (var slot = 0; slot < vectors.Length; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

        return index;
    }

    /// <summary>Removes the first slots, but for one in a hundred.</summary>
    private static void RemoveMost(HnswIndex index, int count)
    {
        for (var slot = 0; slot < count; slot++)
        {
            if (slot % 100 != 50)
            {
                index.Remove(slot);
            }
        }
    }

    private static void AssertRepaired(HnswIndex index)
    {
        var (graph, _, slots, twins) = index.Parts;
        Assert.Empty(GraphReach.Unreached(graph, IsLiving, CancellationToken.None));
        for (var node = 0; node < graph.Nodes; node++)
        {
            for (var layer = 0; layer <= graph.LevelOf(node); layer++)
            {
                Assert.All(graph.Links(node, layer).ToArray(), link => Assert.True(link == HnswGraph.NoNode || (IsLiving(node) && !slots.IsRemoved(link))));
            }
        }

        bool IsLiving(int node) => slots.IsHeld(node) && twins.RepresentativeOf(node) < 0;
    }

    /// <summary>The share of the held vectors that a search for the vector itself finds.</summary>
    private static double SharesFound(HnswIndex index, float[][] vectors)
    {
        var (found, all) = (0, 0);
        var results = new Neighbor[1];
        for (var slot = 0; slot < vectors.Length; slot++)
        {
            if (index.Contains(slot))
            {
                index.Search(vectors[slot], default, results);
                found += results[0].Slot == slot ? 1 : 0;
                all++;
            }
        }

        return found / (double)all;
    }
}
