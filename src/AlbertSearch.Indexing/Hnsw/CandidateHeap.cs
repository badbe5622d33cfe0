namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Candidates with the closest on top, as many as come. Not thread-safe.</summary>
internal sealed class CandidateHeap
{
    private ulong[] _keys = new ulong[256];
    private int _count;

    /// <summary>Candidates in the heap.</summary>
    public int Count => _count;

    /// <summary>The closest of a heap that is not empty.</summary>
    public ulong Top => _keys[0];

    /// <summary>Empties the heap.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a candidate.</summary>
    public void Push(ulong key)
    {
        if (_count == _keys.Length)
        {
            Array.Resize(ref _keys, 2 * _count);
        }

        var hole = _count++;
        while (hole > 0 && _keys[(hole - 1) >> 1] < key)
        {
            _keys[hole] = _keys[(hole - 1) >> 1];
            hole = (hole - 1) >> 1;
        }

        _keys[hole] = key;
    }

    /// <summary>Takes the closest.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryPop(out ulong key)
    {
        if (_count == 0)
        {
            key = 0;
            return false;
        }

        key = _keys[0];
        var last = _keys[--_count];
        var hole = 0;
        for (int child; (child = (hole << 1) + 1) < _count; hole = child)
        {
            if (child + 1 < _count && _keys[child + 1] > _keys[child])
            {
                child++;
            }

            if (_keys[child] <= last)
            {
                break;
            }

            _keys[hole] = _keys[child];
        }

        _keys[hole] = last;
        return true;
    }
}
