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
