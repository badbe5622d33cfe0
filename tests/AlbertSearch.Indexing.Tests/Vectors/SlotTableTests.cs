using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Tests.Vectors;

public class SlotTableTests
{
    [Fact]
    public void TryBeginRead_row_taken_by_another_slot_is_seen_as_changed()
    {
        var table = new SlotTable();
        table.Ensure(0, 5);
        table.Hold(0, 5);
        Assert.True(table.TryBeginRead(0, out var slot, out var stamp));
        Assert.Equal(5, slot);
        Assert.True(table.IsUnchanged(0, stamp));

        Assert.Equal(0, table.Release(5));
        Assert.False(table.IsUnchanged(0, stamp));
        Assert.False(table.TryBeginRead(0, out _, out _));

        table.Ensure(0, 9_999);
        table.Hold(0, 9_999);
        Assert.False(table.IsUnchanged(0, stamp));
        Assert.True(table.TryBeginRead(0, out slot, out _));
        Assert.Equal(9_999, slot);
        Assert.Equal(-1, table.RowOf(5));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Release_slot_not_held_changes_nothing()
    {
        var table = new SlotTable();
        Assert.Equal(-1, table.Release(3));
        Assert.Equal(-1, table.Release(-3));
        Assert.Equal(0, table.Count);
    }
}
