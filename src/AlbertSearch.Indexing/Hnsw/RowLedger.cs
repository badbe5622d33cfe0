using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Who has which row: pending while it is linked, held, a tombstone once removed, free when no list names it any more. Thread-safe.
/// </summary>
internal sealed class RowLedger(HnswGraph graph, QuantizedVectors vectors, SlotTable slots)
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _pendingSlots = [];
    private readonly Stack<int> _free = new();
    private readonly List<int> _tombstones = [];
    private List<int>? _heldSinceTaking;
    private int _tombstoneCount;
    private bool _frozen;

    /// <summary>Rows that were removed and not freed yet.</summary>
    public int Tombstones => Volatile.Read(ref _tombstoneCount);

    /// <summary>Takes a row for a slot; end by <see cref="Hold"/> or <see cref="Abandon"/>.</summary>
    /// <exception cref="ArgumentException">The slot is held.</exception>
    public int Reserve(int slot)
    {
        lock (_lock)
        {
            if (slots.RowOf(slot) >= 0 || _pendingSlots.Contains(slot))
            {
                throw new ArgumentException($"Slot {slot} is held; remove it first.", nameof(slot));
            }

            if (!_frozen && _free.TryPeek(out var row))
            {
                slots.Ensure(row, slot);
                _free.Pop();
            }
            else
            {
                vectors.Ensure(graph.Nodes);
                slots.Ensure(graph.Nodes, slot);
                row = graph.AddNode();
            }

            _pendingSlots.Add(slot);
            return row;
        }
    }

    /// <summary>Makes a reserved row's slot held.</summary>
    public void Hold(int slot, int row)
    {
        lock (_lock)
        {
            _pendingSlots.Remove(slot);
            slots.Hold(row, slot);
            _heldSinceTaking?.Add(row);
        }
    }

    /// <summary>Makes a reserved row, whose linking failed, a tombstone.</summary>
    public void Abandon(int slot, int row)
    {
        lock (_lock)
        {
            _pendingSlots.Remove(slot);
            AddTombstone(row);
        }
    }

    /// <summary>Makes a held slot's row a tombstone.</summary>
    /// <returns>Whether the slot was held.</returns>
    public bool Release(int slot)
    {
        lock (_lock)
        {
            var row = slots.Release(slot);
            if (row >= 0)
            {
                AddTombstone(row);
            }

            return row >= 0;
        }
    }

    /// <summary>Counts every row that is not held as a tombstone: after loading.</summary>
    public void Recount()
    {
        lock (_lock)
        {
            for (var row = 0; row < graph.Nodes; row++)
            {
                if (!slots.IsHeld(row))
                {
                    AddTombstone(row);
                }
            }
        }
    }

    /// <summary>
    /// Uses no row again until <see cref="Thaw"/>: every row that there is, held or not, keeps its vector, and inserts take new rows.
    /// Call it while no row is pending.
    /// </summary>
    public void Freeze()
    {
        lock (_lock)
        {
            _frozen = true;
        }
    }

    /// <summary>Ends what <see cref="Freeze"/> began.</summary>
    public void Thaw()
    {
        lock (_lock)
        {
            _frozen = false;
        }
    }

    /// <summary>Hands the tombstones to a repair, which frees them or gives them back, and ends with <see cref="GiveBack"/>.</summary>
    public int[] TakeTombstones()
    {
        lock (_lock)
        {
            _heldSinceTaking = [];
            int[] taken = [.. _tombstones];
            _tombstones.Clear();
            return taken;
        }
    }

    /// <summary>Rows that have become held since the tombstones were taken.</summary>
    public int[] HeldSinceTaking()
    {
        lock (_lock)
        {
            return [.. _heldSinceTaking ?? []];
        }
    }

    /// <summary>Frees tombstones that no list names any more.</summary>
    public void Free(ReadOnlySpan<int> rows)
    {
        lock (_lock)
        {
            foreach (var row in rows)
            {
                _free.Push(row);
            }

            Volatile.Write(ref _tombstoneCount, _tombstoneCount - rows.Length);
        }
    }

    /// <summary>Takes back tombstones that are still needed.</summary>
    public void GiveBack(ReadOnlySpan<int> rows)
    {
        lock (_lock)
        {
            _tombstones.AddRange(rows);
            _heldSinceTaking = null;
        }
    }

    private void AddTombstone(int row)
    {
        slots.MarkRemoved(row);
        _tombstones.Add(row);
        Volatile.Write(ref _tombstoneCount, _tombstoneCount + 1);
    }
}
