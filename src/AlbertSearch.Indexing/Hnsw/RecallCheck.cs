using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Searches for some of the vectors that an index holds, and compares with exact searches.</summary>
internal sealed class RecallCheck(HnswIndex index, SlotTable slots, FloatVectors vectors, int k, int ef)
{
    // The vector itself is found by any search; it is wanted and then left out.
    private readonly Neighbor[] _found = new Neighbor[k + 1];
    private readonly Neighbor[] _truth = new Neighbor[k + 1];
    private long _hits;
    private long _wanted;

    /// <summary>The recall over so many of the rows.</summary>
    public double Run(int rows, int samples, int seed, CancellationToken cancellationToken)
    {
        var order = Enumerable.Range(0, rows).ToArray();
        new Random(seed).Shuffle(order);
        var vector = new float[vectors.Dimension];
        foreach (var row in order)
        {
            if (!slots.TryBeginRead(row, out var slot, out var stamp))
            {
                continue;
            }

            vectors[row].CopyTo(vector);
            if (slots.IsUnchanged(row, stamp))
            {
                Compare(vector, slot, cancellationToken);
                if (--samples == 0)
                {
                    break;
                }
            }
        }

        return _wanted == 0 ? 1 : _hits / (double)_wanted;
    }

    private void Compare(float[] vector, int slot, CancellationToken cancellationToken)
    {
        var found = index.Search(vector, new VectorSearchParameters { Ef = ef }, _found, cancellationToken);
        var wanted = index.Search(vector, new VectorSearchParameters { Exact = true }, _truth, cancellationToken);
        if (wanted == 0)
        {
            return;
        }

        // Of vectors at one distance any is as good as another.
        var least = _truth[wanted - 1].Score;
        var others = CountOthers(_truth.AsSpan(0, wanted), slot, least);
        _wanted += others;
        _hits += Math.Min(others, CountOthers(_found.AsSpan(0, found), slot, least));
    }

    private static int CountOthers(ReadOnlySpan<Neighbor> neighbors, int slot, float leastScore)
    {
        var count = 0;
        foreach (var neighbor in neighbors)
        {
            count += neighbor.Slot != slot && neighbor.Score >= leastScore ? 1 : 0;
        }

        return count;
    }
}
