using AlbertSearch.Indexing.Flat;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Flat;

public class FlatIndexTests : VectorIndexContract
{
    protected override IVectorIndex Create(int dimension) => new FlatIndex(dimension);

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Constructor_dimension_below_one_is_refused(int dimension) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatIndex(dimension));

    [Fact]
    public void Insert_far_slot_costs_no_memory_for_those_between()
    {
        using var index = new FlatIndex(4);
        index.Insert(1_000_000_000, [1f, 0f, 0f, 0f]);
        Assert.True(index.Contains(1_000_000_000));
        Assert.InRange(index.MemoryBytes, 1, 32 << 20);
    }

    [Fact]
    public void Insert_after_remove_reuses_the_row()
    {
        using var index = new FlatIndex(4);
        index.Insert(0, [1f, 0f, 0f, 0f]);
        var bytes = index.MemoryBytes;
        for (var slot = 1; slot < 4_000; slot++)
        {
            index.Remove(slot - 1);
            index.Insert(slot, [1f, 0f, 0f, 0f]);
        }

        // The map of slots grows by some pages; a second chunk of rows would be megabytes.
        Assert.InRange(index.MemoryBytes, bytes, bytes + (64 << 10));
    }

    [Fact]
    public void Search_allocates_nothing()
    {
        using var index = new FlatIndex(8);
        for (var slot = 0; slot < 100; slot++)
        {
            index.Insert(slot, [1f, slot, 0f, 0f, 2f, 3f, 4f, 5f]);
        }

        float[] query = [1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f];
        var results = new Neighbor[10];
        Assert.Equal(0, Allocations.LeastPerRound(Round));

        void Round()
        {
            for (var i = 0; i < 100; i++)
            {
                index.Search(query, default, results);
            }
        }
    }
}
