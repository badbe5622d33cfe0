namespace AlbertSearch.Indexing.Vectors;

/// <summary>
/// Which row holds which slot, with a stamp a row that tells readers whether what they read was whole.
/// A row's stamp is odd while it is held; it counts up at each change. Who reads a row takes the stamp first and compares afterwards:
/// equal and odd means that slot and vector belonged together. One writer at a time; any number of readers beside it.
/// </summary>
internal sealed class SlotTable
{
    private const int NoRow = -1;

    private readonly ChunkedArray<int> _rowOfSlot = new(NoRow);
    private readonly ChunkedArray<int> _slotOfRow = new(-1);
    private readonly ChunkedArray<int> _stamps = new();
    private readonly ChunkedArray<bool> _removed = new();
    private int _count;
    private int _moves;

    /// <summary>Rows that are held.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts up whenever a slot may come to be found at another place: a search that sees it change may have met a slot twice.</summary>
    public int Moves => Volatile.Read(ref _moves);

    /// <summary>Bytes allocated.</summary>
    public long Bytes => _rowOfSlot.Bytes + _slotOfRow.Bytes + _stamps.Bytes + _removed.Bytes;

    /// <summary>The row that holds a slot, or -1.</summary>
    public int RowOf(int slot) => slot < 0 ? NoRow : _rowOfSlot.Read(slot);

    /// <summary>The slot that a row holds or held last.</summary>
    public int SlotOf(int row) => _slotOfRow.Read(row);

    /// <summary>Whether a row is held now.</summary>
    public bool IsHeld(int row) => (_stamps.Read(row) & 1) != 0;

    /// <summary>Whether a row was held and is no more, nor prepared for another slot.</summary>
    public bool IsRemoved(int row) => _removed.Read(row);

    /// <summary>Begins to read a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="slot">The slot that it holds.</param>
    /// <param name="stamp">For <see cref="IsUnchanged"/>.</param>
    /// <returns>Whether it is held.</returns>
    public bool TryBeginRead(int row, out int slot, out int stamp)
    {
        stamp = _stamps.Read(row);
        Volatile.ReadBarrier();
        slot = _slotOfRow.Read(row);
        return (stamp & 1) != 0;
    }

    /// <summary>Whether a row is what it was at <see cref="TryBeginRead"/>: if not, drop what was read since.</summary>
    public bool IsUnchanged(int row, int stamp)
    {
        Volatile.ReadBarrier();
        return _stamps.Read(row) == stamp;
    }

    /// <summary>Makes the memory for a row and a slot, so that <see cref="Hold"/> can't fail. Writers only.</summary>
    public void Ensure(int row, int slot)
    {
        _slotOfRow.Ensure(row);
        _stamps.Ensure(row);
        _rowOfSlot.Ensure(slot);
        _removed.Ensure(row) = false;
    }

    /// <summary>Marks a row that nobody holds as removed. Writers only.</summary>
    public void MarkRemoved(int row) => _removed.Ensure(row) = true;

    /// <summary>Publishes a row, whose vector is written by now. Writers only, after <see cref="Ensure"/>.</summary>
    public void Hold(int row, int slot)
    {
        _slotOfRow[row] = slot;
        Volatile.Write(ref _stamps[row], _stamps[row] + 1);
        Volatile.Write(ref _rowOfSlot[slot], row);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Ends the holding of a slot. Writers only.</summary>
    /// <returns>The row that held it, or -1.</returns>
    public int Release(int slot)
    {
        var row = RowOf(slot);
        if (row != NoRow)
        {
            Volatile.Write(ref _rowOfSlot[slot], NoRow);
            Volatile.Write(ref _stamps[row], _stamps[row] + 1);
            Volatile.Write(ref _count, _count - 1);
            CountMove();

            // What is written into the row from here on must not be seen under the old stamp.
            Volatile.WriteBarrier();
        }

        return row;
    }

    /// <summary>To be called before a slot becomes findable at another place.</summary>
    public void CountMove() => Interlocked.Increment(ref _moves);
}
