using System.Runtime.InteropServices;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// The vectors of one generation in memory, and the slots that are between two states of the database.
/// A new vector is inserted before its transaction commits, and an old one is removed after every search that may rely on it has ended.
/// So each slot that a search's snapshot of the database shows is in the index, and each slot that the index gives and the snapshot
/// doesn't show is in transition: <see cref="FindInTransition"/> says whose it is. Thread-safe.
/// <para>
/// An index whose file turns out to be damaged is replaced by one that is filled from the tables: see <see cref="Replace"/>.
/// </para>
/// </summary>
internal sealed class GenerationIndex : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<int> _freeSlots = new();
    private readonly Dictionary<int, Transition> _inTransition = [];
    private readonly List<IVectorIndex> _replaced = [];
    private readonly IndexRebuilder? _rebuilder;
    private volatile IVectorIndex _index;
    private volatile bool _disposed;
    private int _nextSlot;
    private long _changes;

    /// <summary>Takes over an empty index, or one whose slots are reserved next.</summary>
    /// <param name="generation">Whose vectors they are.</param>
    /// <param name="index">The index.</param>
    /// <param name="rebuilder">Builds what replaces the index; null for one that is never loaded from a file.</param>
    public GenerationIndex(Generation generation, IVectorIndex index, IndexRebuilder? rebuilder = null)
    {
        Generation = generation;
        _index = index;
        _rebuilder = rebuilder;
    }

    /// <summary>Whose vectors they are, as it was at the start.</summary>
    public Generation Generation { get; }

    /// <summary>The vectors. A search asks for it once, after it has its ticket: it may be replaced at any time, and the old one lives until the search has ended.</summary>
    public IVectorIndex Index => _index;

    /// <summary>The graph when it is whole, else null.</summary>
    public HnswIndex? Graph => GraphOf(_index);

    /// <summary>The searches that run in it.</summary>
    public RunningTickets Searches { get; } = new();

    /// <summary>The writes that run: from before their first vector is inserted until their transaction is decided.</summary>
    public RunningTickets Writes { get; } = new();

    /// <summary>Whether it was closed.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>Changes since the last snapshot.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>The graph of an index when it is whole, else null.</summary>
    public static HnswIndex? GraphOf(IVectorIndex index) => index switch
    {
        HnswIndex graph => graph,
        RebuildingIndex { IsBuilt: true } rebuilt => rebuilt.Graph,
        _ => null,
    };

    /// <summary>Counts changes that no snapshot has; less than 0 for changes that one has now.</summary>
    public void AddChanges(long changes) => Interlocked.Add(ref _changes, changes);

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

    /// <summary>Inserts a vector that is about to be committed, in a write that has its ticket.</summary>
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
            Insert(slot, vector);
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
            Remove(slot);
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

    /// <summary>
    /// Puts an empty index in the place of one whose file is damaged, sets the file aside, and has the new index filled from the tables in the
    /// background. From now on writes go to the new index alone; searches read the tables until it is filled.
    /// </summary>
    /// <param name="damaged">The index that failed. When it is not in place any more, this was done already.</param>
    /// <param name="error">What is wrong with its file.</param>
    public void Replace(IVectorIndex damaged, IndexFormatException error)
    {
        var rebuilder = _rebuilder ?? throw new InvalidOperationException("The index has no file that could be damaged.", error);
        lock (_lock)
        {
            if (_index != damaged || _disposed)
            {
                return;
            }

            var target = rebuilder.CreateEmpty(Generation.Settings);
            _replaced.Add(damaged);
            _index = target;
            rebuilder.Enqueue(this, target);
        }

        rebuilder.SetAside(this, error);
    }

    /// <summary>Closes indexes that were replaced, when the searches that may look at them have ended.</summary>
    public async Task CloseReplacedAsync()
    {
        IVectorIndex[] replaced;
        lock (_lock)
        {
            replaced = [.. _replaced];
            _replaced.Clear();
        }

        await Searches.WaitForRunningAsync().ConfigureAwait(false);
        foreach (var index in replaced)
        {
            index.Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _index.Dispose();
            _replaced.ForEach(index => index.Dispose());
            _replaced.Clear();
        }
    }

    private void Insert(int slot, ReadOnlySpan<float> vector)
    {
        while (true)
        {
            var index = _index;
            try
            {
                index.Insert(slot, vector);
                return;
            }
            catch (IndexFormatException error)
            {
                Replace(index, error);
            }
            catch (ObjectDisposedException) when (_index != index)
            {
                // It was replaced and closed a moment ago.
            }
        }
    }

    private void Remove(int slot)
    {
        while (true)
        {
            var index = _index;
            try
            {
                index.Remove(slot);
                return;
            }
            catch (ObjectDisposedException) when (_index != index)
            {
                // It was replaced and closed a moment ago.
            }
        }
    }

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
