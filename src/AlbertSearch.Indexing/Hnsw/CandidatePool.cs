using System.Runtime.CompilerServices;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// The dynamic list W of Malkov &amp; Yashunin's Alg. 2 and its candidate set C in one sorted array: C is W's part that was not expanded yet,
/// because a candidate that falls out of W is further than W's furthest and would end the search. Not thread-safe.
/// </summary>
internal sealed class CandidatePool
{
    private ulong[] _keys = new ulong[64];
    private int _width;
    private int _next;

    /// <summary>Candidates held, best first.</summary>
    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, Count);

    /// <summary>How many are held.</summary>
    public int Count { get; private set; }

    /// <summary>Empties the pool and sets how many it keeps (ef).</summary>
    public void Reset(int width)
    {
        if (_keys.Length < width)
        {
            _keys = new ulong[width];
        }

        _width = width;
        Count = 0;
        _next = 0;
    }

    /// <summary>Keeps what is held as the entry points of the next search, of another width perhaps.</summary>
    public void Restart(int width)
    {
        if (_keys.Length < width)
        {
            Array.Resize(ref _keys, width);
        }

        _width = width;
        Count = Math.Min(Count, width);
        _next = 0;
        for (var i = 0; i < Count; i++)
        {
            _keys[i] &= ~Candidate.Expanded;
        }
    }

    /// <summary>Takes a candidate when there is room or it is closer than the furthest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong key)
    {
        if (MayTake(key))
        {
            AddSorted(key);
        }
    }

    /// <summary>Whether <see cref="Add"/> would take a candidate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayTake(ulong key) => Count < _width || key > _keys[Count - 1];

    /// <summary>Whether a candidate is worth expanding: there is room, or it is no further than the furthest.</summary>
    public bool IsWithin(ulong key) => Count < _width || key >= _keys[Count - 1];

    /// <summary>Fills a pool from the furthest to the closest, as many as its width.</summary>
    public void AddFront(ulong key) => _keys[_width - ++Count] = key;

    /// <summary>The closest candidate that was not expanded, which it counts as from now on.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryExpandNearest(out int node)
    {
        while (_next < Count)
        {
            ref var key = ref _keys[_next++];
            if ((key & Candidate.Expanded) == 0)
            {
                key |= Candidate.Expanded;
                node = Candidate.Node(key);
                return true;
            }
        }

        node = HnswGraph.NoNode;
        return false;
    }

    /// <summary>The candidate that would be expanded next if none closer is added.</summary>
    public int PeekNearest()
    {
        for (var i = _next; i < Count; i++)
        {
            if ((_keys[i] & Candidate.Expanded) == 0)
            {
                return Candidate.Node(_keys[i]);
            }
        }

        return HnswGraph.NoNode;
    }

    private void AddSorted(ulong key)
    {
        var low = 0;
        var high = Count;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_keys[middle] > key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (Count < _width)
        {
            Count++;
        }

        _keys.AsSpan(low, Count - low - 1).CopyTo(_keys.AsSpan(low + 1));
        _keys[low] = key;
        _next = Math.Min(_next, low);
    }
}
