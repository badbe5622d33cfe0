namespace AlbertSearch.Indexing;

/// <summary>Keeps the best neighbours that it is given, in memory that the caller owns: a heap with the worst on top.</summary>
/// <param name="memory">As long as many neighbours are wanted.</param>
internal ref struct NeighborHeap(Span<Neighbor> memory)
{
    private readonly Span<Neighbor> _heap = memory;

    /// <summary>Neighbours kept.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a neighbour of this score may still displace one.</summary>
    public readonly bool MayEnter(float score) => Count < _heap.Length || !(score < _heap[0].Score);

    /// <summary>Takes a neighbour when it is among the best.</summary>
    public void Offer(Neighbor neighbor)
    {
        if (Count < _heap.Length)
        {
            SiftUp(Count++, neighbor);
        }
        else if (_heap.Length > 0 && neighbor < _heap[0])
        {
            SiftDown(neighbor, Count);
        }
    }

    /// <summary>Sorts what was kept, best first, in place. The heap is empty afterwards.</summary>
    /// <returns>How many were kept.</returns>
    public int SortBestFirst()
    {
        var kept = Count;
        for (; Count > 1; Count--)
        {
            var worst = _heap[0];
            SiftDown(_heap[Count - 1], Count - 1);
            _heap[Count - 1] = worst;
        }

        Count = 0;
        return kept;
    }

    /// <summary>Whether a slot occurs twice.</summary>
    public static bool HasTwice(ReadOnlySpan<Neighbor> neighbors)
    {
        var slots = new HashSet<int>(neighbors.Length);
        foreach (var neighbor in neighbors)
        {
            if (!slots.Add(neighbor.Slot))
            {
                return true;
            }
        }

        return false;
    }

    private readonly void SiftUp(int hole, Neighbor neighbor)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) >> 1;
            if (!(neighbor > _heap[parent]))
            {
                break;
            }

            _heap[hole] = _heap[parent];
            hole = parent;
        }

        _heap[hole] = neighbor;
    }

    private readonly void SiftDown(Neighbor neighbor, int count)
    {
        var hole = 0;
        while (true)
        {
            var child = (hole << 1) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && _heap[child + 1] > _heap[child])
            {
                child++;
            }

            if (!(_heap[child] > neighbor))
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = neighbor;
    }
}
