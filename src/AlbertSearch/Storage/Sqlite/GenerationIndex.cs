using System.Runtime.InteropServices;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// The vectors of one generation in memory, and the slots that are between two states of the database.
/// A new vector is inserted before its transaction commits, and an old one is removed after every search that may rely on it has ended.
/// So each slot that a search's snapshot of the database shows is in the index, and each slot that the index gives and the snapshot
/// doesn't show is in transition: <see cref="FindInTransition"/> says whose it is. Thread-safe.
/// </summary>
internal sealed class GenerationIndex : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<int> _freeSlots = new();
    private readonly Dictionary<int, Transition> _inTransition = [];
    private int _nextSlot;
    private long _changes;

    /// <summary>Takes over an empty index.</summary>
    public GenerationIndex(IVectorIndex index)
    {
        Index = index;
    }

    /// <summary>The vectors.</summary>
    public IVectorIndex Index { get; }

    /// <summary>The graph when it is whole, else null.</summary>
    public HnswIndex? Graph => Index switch
    {
        HnswIndex graph => graph,
        RebuildingIndex { IsBuilt: true } rebuilt => rebuilt.Graph,
        _ => null,
    };

    /// <summary>The searches that run in it.</summary>
    public SearchTickets Searches { get; } = new();

    /// <summary>Changes since the last snapshot.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Counts changes that a snapshot has.</summary>
    public void SubtractChanges(long changes) => Interlocked.Add(ref _changes, -changes);

    /// <summary>Notes a slot that is in use while the index is restored: slots come in ascending order, and the gaps between them are free.</summary>
    public void Reserve(int slot)
    {
        lock (_lock)
        {
            for (; _nextSlot < slot; _nextSlot++)
            {
                _freeSlots.Enqueue(_nextSlot);
            }

            _nextSlot = slot + 1;
        }
    }

    /// <summary>One more than the highest slot that was ever in use.</summary>
    public int SlotCount
    {
        get
        {
            lock (_lock)
            {
                return _nextSlot;
            }
        }
    }

    /// <summary>Sees to it that no new vector gets a slot that the tables or the vectors hold against the rules: for repairs.</summary>
    public void Claim(int slot)
    {
        lock (_lock)
        {
            if (slot >= _nextSlot)
            {
                Reserve(slot);
            }
            else if (_freeSlots.Contains(slot))
            {
                var others = _freeSlots.Where(free => free != slot).ToList();
                _freeSlots.Clear();
                others.ForEach(_freeSlots.Enqueue);
            }
        }
    }

    /// <summary>Puts a slot in transition whose vector is nobody's; <see cref="EndTransitionAsync"/> frees it.</summary>
    /// <returns>False when it is in transition: it is somebody's then.</returns>
    public bool TryTakeUnknown(int slot)
    {
        lock (_lock)
        {
            if (_inTransition.ContainsKey(slot))
            {
                return false;
            }

            Claim(slot);
            Mark(slot, string.Empty);
            return true;
        }
    }

    /// <summary>Inserts a vector that is about to be committed.</summary>
    /// <returns>Its slot.</returns>
    public int InsertInTransition(string documentId, ReadOnlySpan<float> vector)
    {
        int slot;
        lock (_lock)
        {
            slot = _freeSlots.TryDequeue(out var free) ? free : checked(_nextSlot++);
            Mark(slot, documentId);
        }

        try
        {
            Index.Insert(slot, vector);
            Interlocked.Increment(ref _changes);
            return slot;
        }
        catch
        {
            lock (_lock)
            {
                Unmark(slot);
                _freeSlots.Enqueue(slot);
            }

            throw;
        }
    }

    /// <summary>Notes that a slot is about to vanish from the database.</summary>
    public void MarkInTransition(int slot, string documentId)
    {
        lock (_lock)
        {
            Mark(slot, documentId);
        }
    }

    /// <summary>The document that a slot in transition belongs to, before or after the change; null when the slot is not in transition.</summary>
    public string? FindInTransition(int slot)
    {
        lock (_lock)
        {
            return _inTransition.TryGetValue(slot, out var transition) ? transition.DocumentId : null;
        }
    }

    /// <summary>Ends the transition of slots when no search can be confused by it any more.</summary>
    /// <param name="kept">Slots that the database shows now.</param>
    /// <param name="dropped">Slots that it doesn't show.</param>
    public async Task EndTransitionAsync(IReadOnlyList<int> kept, IReadOnlyList<int> dropped)
    {
        // A search that began before the change relies on the old vectors.
        await Searches.WaitForRunningAsync().ConfigureAwait(false);
        foreach (var slot in dropped)
        {
            Index.Remove(slot);
        }

        Interlocked.Add(ref _changes, dropped.Count);

        lock (_lock)
        {
            foreach (var slot in kept)
            {
                Unmark(slot);
            }
        }

        if (dropped.Count == 0)
        {
            return;
        }

        // One that began before the removal may have found them, and asks whose they were.
        await Searches.WaitForRunningAsync().ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var slot in dropped)
            {
                Unmark(slot);
                _freeSlots.Enqueue(slot);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => Index.Dispose();

    private void Mark(int slot, string documentId)
    {
        ref var transition = ref CollectionsMarshal.GetValueRefOrAddDefault(_inTransition, slot, out _);
        transition = new Transition(documentId, transition.Count + 1);
    }

    private void Unmark(int slot)
    {
        var transition = _inTransition[slot];
        if (transition.Count == 1)
        {
            _inTransition.Remove(slot);
        }
        else
        {
            _inTransition[slot] = transition with { Count = transition.Count - 1 };
        }
    }

    // A slot that comes and goes within one long search is in two transitions at once.
    private readonly record struct Transition(string DocumentId, int Count);
}
