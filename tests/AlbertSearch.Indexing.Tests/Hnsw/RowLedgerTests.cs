using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class RowLedgerTests
{
    [Fact]
    public void Reserve_while_frozen_takes_a_new_row_and_the_free_one_afterwards()
    {
        using var graph = new HnswGraph(new HnswOptions());
        using var vectors = new QuantizedVectors(4, scratchFolder: null);
        var ledger = new RowLedger(graph, vectors, new SlotTable());
        Hold(10);
        Hold(11);
        Assert.True(ledger.Release(10));
        ledger.Free(ledger.TakeTombstones());
        ledger.Freeze();
        Assert.Equal(2, Hold(12));
        ledger.Thaw();
        Assert.Equal(0, Hold(13));
        Assert.Equal(3, Hold(14));

        int Hold(int slot)
        {
            var row = ledger.Reserve(slot);
            ledger.Hold(slot, row);
            return row;
        }
    }
}
