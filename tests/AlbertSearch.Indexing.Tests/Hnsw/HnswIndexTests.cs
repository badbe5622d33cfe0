using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public sealed class HnswIndexTests : VectorIndexContract, IDisposable
{
    private const int Dimension = 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Constructor_option_out_of_range_is_named()
    {
        Assert.Equal("M", Assert.Throws<ArgumentOutOfRangeException>(() => new HnswIndex(4, new HnswOptions { M = 1 })).ParamName);
        Assert.Equal("EfConstruction", Assert.Throws<ArgumentOutOfRangeException>(() => new HnswIndex(4, new HnswOptions { EfConstruction = 0 })).ParamName);
        Assert.Equal("Ef", Assert.Throws<ArgumentOutOfRangeException>(() => new HnswIndex(4, new HnswOptions { Ef = 10_001 })).ParamName);
        Assert.Equal("RepairAt", Assert.Throws<ArgumentOutOfRangeException>(() => new HnswIndex(4, new HnswOptions { RepairAt = double.NaN })).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => new HnswIndex(0));
    }

    [Fact]
    public async Task Remove_many_repairs_in_the_background_and_uses_the_rows_again()
    {
        using var index = new HnswIndex(Dimension, new HnswOptions { RepairAt = 0.2 });
        var vectors = RandomVectors.Units(1, 1_000, Dimension);
        for (var slot = 0; slot < 1_000; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

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
    public async Task Insert_beside_the_repair_of_a_graph_of_tombstones_alone_finds_lists_whole()
    {
        var vectors = RandomVectors.Units(17, 120, Dimension);
        for (var round = 0; round < 200; round++)
        {
            using var index = new HnswIndex(Dimension, new HnswOptions { M = 2, EfConstruction = 16, RepairAt = 1 });
            for (var slot = 0; slot < 60; slot++)
            {
                index.Insert(slot, vectors[slot]);
            }

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
        }
    }

    [Fact]
    public void Repair_after_most_were_removed_rebuilds_the_graph_in_place()
    {
        using var index = new HnswIndex(Dimension, new HnswOptions { RepairAt = 1 });
        var vectors = RandomVectors.Units(2, 2_000, Dimension);
        for (var slot = 0; slot < 2_000; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

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

    [Fact]
    public void Search_among_copies_finds_those_of_the_smallest_slots()
    {
        using var index = new HnswIndex(Dimension);
        var vectors = RandomVectors.Units(4, 1_000, Dimension);
        for (var slot = 999; slot >= 0; slot--)
        {
            index.Insert(slot, vectors[slot % 4 == 0 ? 0 : slot]);
        }

        var results = new Neighbor[5];
        index.Search(vectors[0], new VectorSearchParameters { Ef = 20 }, results);
        Assert.Equal([0, 4, 8, 12, 16], results.Select(n => n.Slot));

        // The representative is among those that go: the others are found all the same, before the repair and after it.
        for (var slot = 0; slot < 1_000; slot += 4)
        {
            if (slot is not (12 or 400 or 404))
            {
                index.Remove(slot);
            }
        }

        AssertThree();
        index.Repair();
        AssertThree();

        void AssertThree()
        {
            index.Search(vectors[0], new VectorSearchParameters { Ef = 20 }, results);
            Assert.Equal([12, 400, 404], results.Take(3).Select(n => n.Slot));
            Assert.True(results[3].Score < results[2].Score);
        }
    }

    [Fact]
    public void Search_copies_allowed_without_their_representative_are_found()
    {
        using var index = new HnswIndex(Dimension);
        var vectors = RandomVectors.Units(5, 2_000, Dimension);
        var allowed = new SlotSet();
        for (var slot = 0; slot < 2_000; slot++)
        {
            index.Insert(slot, vectors[slot % 100 == 0 ? 0 : slot]);
            if (slot > 0)
            {
                allowed.Add(slot);
            }
        }

        var results = new Neighbor[4];
        index.Search(vectors[0], new VectorSearchParameters { Ef = 10, Allowed = allowed }, results);
        Assert.Equal([100, 200, 300, 400], results.Select(n => n.Slot));
    }

    [Fact]
    public void GetStatistics_counts_what_is_held()
    {
        using var index = new HnswIndex(Dimension, new HnswOptions { RepairAt = 1, VectorFolder = _folder.Path });
        var vectors = RandomVectors.Units(6, 600, Dimension);
        for (var slot = 0; slot < 600; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

        index.Remove(5);
        var statistics = index.GetStatistics();
        Assert.Equal(599, statistics.Count);
        Assert.Equal(1, statistics.Tombstones);
        Assert.Equal(600, statistics.Levels.Sum());
        Assert.InRange(statistics.Levels[0], 500, 599);
        Assert.InRange(statistics.MappedBytes, 600 * Dimension * sizeof(float), 64 << 20);
        Assert.InRange(statistics.MemoryBytes, 600 * (Dimension + 128), 64 << 20);
    }

    [Fact]
    public void Insert_into_a_scratch_file_leaves_none_behind()
    {
        using (var index = new HnswIndex(Dimension, new HnswOptions { VectorFolder = _folder.Path }))
        {
            index.Insert(1, RandomVectors.Units(7, 1, Dimension)[0]);
            Assert.Equal(1, index.Count);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void MeasureRecall_small_index_is_exact()
    {
        using var index = new HnswIndex(Dimension);
        Assert.Equal(1, index.MeasureRecall(10, 10, 0, seed: 1));
        var vectors = RandomVectors.Units(8, 50, Dimension);
        for (var slot = 0; slot < 50; slot++)
        {
            index.Insert(slot, vectors[slot]);
        }

        Assert.Equal(1, index.MeasureRecall(10, 10, 0, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.MeasureRecall(0, 10, 0, seed: 1));
    }

    protected override IVectorIndex Create(int dimension) => new HnswIndex(dimension, new HnswOptions { RepairAt = 0.2 });

    protected override void Disturb(IVectorIndex index, CancellationToken ended)
    {
        var hnsw = (HnswIndex)index;
        var path = _folder.File("snapshot");
        do
        {
            hnsw.Repair(CancellationToken.None);
            hnsw.Save(path, new IndexSnapshotInfo { ModelIdentity = "stress", AppliedSequence = 1 }, CancellationToken.None);
            using var loaded = HnswIndex.Load(path, cancellationToken: CancellationToken.None).Index;
            loaded.VerifyVectors(CancellationToken.None);
        }
        while (!ended.IsCancellationRequested);
    }
}
