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

    [Fact]
    public void HeldSinceTaking_names_what_was_pending_or_came_while_a_repair_has_the_tombstones()
    {
        using var graph = new HnswGraph(new HnswOptions());
        using var vectors = new QuantizedVectors(4, scratchFolder: null);
        var ledger = new RowLedger(graph, vectors, new SlotTable());
        ledger.Hold(20, ledger.Reserve(20));
        var pending = ledger.Reserve(21);
        Assert.Empty(ledger.HeldSinceTaking());

        var taken = ledger.TakeTombstones();
        ledger.Hold(21, pending);
        var late = ledger.Reserve(22);
        ledger.Hold(22, late);
        ledger.Abandon(23, ledger.Reserve(23));
        Assert.Equal([pending, late], ledger.HeldSinceTaking());

        ledger.GiveBack(taken);
        Assert.Empty(ledger.HeldSinceTaking());
    }
}
