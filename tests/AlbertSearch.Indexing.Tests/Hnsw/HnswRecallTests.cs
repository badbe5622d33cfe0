using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Hnsw;

/// <summary>
/// The invariant of recall: of the true ten nearest, the graph finds at least the named share on average. Two budgets: at the default ef,
/// and at a wide one. Seeds are fixed; graphs are built on one thread, so that each run measures the same graph.
/// </summary>
public class HnswRecallTests
{
    private const int Dimension = 64;
    private const int K = 10;

    [Theory]
    [InlineData(64, 0.97)]
    [InlineData(256, 0.995)]
    public void Search_clustered_vectors_recall_is_kept(int ef, double least)
    {
        using var index = Build(RandomVectors.Clustered(1, 8_000, Dimension, 200, 0.8f));
        var queries = RandomVectors.Clustered(1, 8_100, Dimension, 200, 0.8f)[8_000..];
        Assert.InRange(Recall(index, queries, new VectorSearchParameters { Ef = ef }), least, 1);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-6f)]
    [InlineData(1e-3f)]
    [InlineData(1e-2f)]
    [InlineData(1e-1f)]
    public void Search_half_are_copies_recall_on_the_rest_is_kept(float noise)
    {
        const int Copies = 4_000;
        var vectors = RandomVectors.Clustered(2, 2 * Copies, Dimension, 200, 0.8f);
        var random = new Random(3);
        for (var i = 0; i < Copies; i++)
        {
            vectors[2 * i] = noise == 0 ? vectors[0] : RandomVectors.Near(random, vectors[0], noise);
        }

        using var index = Build(vectors);
        var queries = RandomVectors.Clustered(2, (2 * Copies) + 100, Dimension, 200, 0.8f)[(2 * Copies)..];
        Assert.InRange(Recall(index, queries, default), 0.95, 1);
    }

    [Fact]
    public void Search_after_removing_and_inserting_a_third_recall_is_that_of_a_fresh_build()
    {
        const int Count = 8_000;
        const int Replaced = Count * 3 / 10;
        var vectors = RandomVectors.Clustered(4, Count + Replaced + 100, Dimension, 200, 0.8f);
        var queries = vectors[(Count + Replaced)..];
        var random = new Random(5);
        var removed = Enumerable.Range(0, Count).ToArray();
        random.Shuffle(removed);
        removed = removed[..Replaced];

        using var churned = Build(vectors[..Count], new HnswOptions { RepairAt = 1 });
        foreach (var slot in removed)
        {
            Assert.True(churned.Remove(slot));
        }

        var beforeRepair = Recall(churned, queries, default);
        churned.Repair();
        Assert.Equal(0, churned.GetStatistics().Tombstones);
        var afterRepair = Recall(churned, queries, default);
        for (var i = 0; i < Replaced; i++)
        {
            churned.Insert(removed[i], vectors[Count + i]);
        }

        for (var i = 0; i < Replaced; i++)
        {
            vectors[removed[i]] = vectors[Count + i];
        }

        using var fresh = Build(vectors[..Count]);
        var expected = Recall(fresh, queries, default);
        Assert.InRange(beforeRepair, 0.97, 1);
        Assert.InRange(afterRepair, 0.97, 1);
        Assert.InRange(Recall(churned, queries, default), 0.99 * expected, 1);
        Assert.Equal(fresh.GetStatistics().Levels.Sum(), churned.GetStatistics().Levels.Sum());
    }

    [Fact]
    public void Search_filtered_recall_is_kept()
    {
        const int Count = 5_000;
        var vectors = RandomVectors.Clustered(6, Count + 30, Dimension, 200, 0.8f);
        using var index = Build(vectors[..Count]);
        foreach (var share in new[] { 0.5, 0.1, 0.01, 0.002 })
        {
            foreach (var awayFromQuery in new[] { false, true })
            {
                Assert.InRange(FilteredRecall(index, vectors, Count, share, awayFromQuery), 0.95, 1);
            }
        }
    }

    [Fact]
    public void Build_twice_on_one_thread_gives_the_same_answers()
    {
        var vectors = RandomVectors.Clustered(8, 3_000, Dimension, 50, 0.8f);
        using var one = Build(vectors);
        using var two = Build(vectors);
        var (a, b) = (new Neighbor[K], new Neighbor[K]);
        foreach (var query in RandomVectors.Units(9, 50, Dimension))
        {
            var parameters = new VectorSearchParameters { Ef = K };
            Assert.Equal(one.Search(query, parameters, a), two.Search(query, parameters, b));
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public void Search_allocates_nothing_after_warm_up()
    {
        var vectors = RandomVectors.Clustered(10, 2_000, Dimension, 50, 0.8f);
        using var index = Build(vectors);
        var allowed = new SlotSet(2_000);
        for (var slot = 0; slot < 2_000; slot += 2)
        {
            allowed.Add(slot);
        }

        var results = new Neighbor[K];
        var queries = RandomVectors.Units(11, 50, Dimension);
        Assert.Equal(0, Allocations.LeastPerRound(Round));

        void Round()
        {
            foreach (var query in queries)
            {
                index.Search(query, default, results);
                index.Search(query, new VectorSearchParameters { Allowed = allowed }, results);
                index.Search(query, new VectorSearchParameters { Exact = true }, results);
            }
        }
    }

    /// <summary>The recall among a share of the slots: chosen at random, or those furthest from the query.</summary>
    private static double FilteredRecall(HnswIndex index, float[][] vectors, int count, double share, bool awayFromQuery)
    {
        var random = new Random(7);
        var (hits, wanted) = (0, 0);
        foreach (var query in vectors[count..])
        {
            var order = Enumerable.Range(0, count).ToArray();
            random.Shuffle(order);
            if (awayFromQuery)
            {
                order = [.. order.OrderBy(slot => index.Score(query, slot))];
            }

            var allowed = new SlotSet(count);
            foreach (var slot in order.Take((int)(share * count)))
            {
                allowed.Add(slot);
            }

            var (hit, of) = Hits(index, query, new VectorSearchParameters { Allowed = allowed });
            hits += hit;
            wanted += of;
        }

        return hits / (double)wanted;
    }

    private static HnswIndex Build(float[][] vectors, HnswOptions? options = null)
    {
        var index = new HnswIndex(Dimension, options);
        for (var slot = 0; slot < vectors.Length; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

        return index;
    }

    private static double Recall(HnswIndex index, float[][] queries, VectorSearchParameters parameters)
    {
        var all = queries.Select(query => Hits(index, query, parameters)).ToArray();
        return all.Sum(h => h.Hits) / (double)all.Sum(h => h.Wanted);
    }

    private static (int Hits, int Wanted) Hits(HnswIndex index, float[] query, VectorSearchParameters parameters)
    {
        var truth = new Neighbor[K];
        var found = new Neighbor[K];
        var wanted = index.Search(query, parameters with { Exact = true }, truth);
        Assert.Equal(wanted, index.Search(query, parameters, found));
        return (truth.Take(wanted).Intersect(found.Take(wanted)).Count(), wanted);
    }
}
