using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// SELECT-NEIGHBORS-HEURISTIC (Malkov &amp; Yashunin, Alg. 4) with keepPrunedConnections and without extendCandidates.
/// Keeps a candidate when it is closer to the element than to every neighbour kept before it, so that links spread in all directions.
/// Buffers are reused; not thread-safe.
/// </summary>
internal sealed class NeighborSelection
{
    private readonly QueryCodes[] _kept;
    private readonly int[] _pruned;

    /// <summary>Makes the buffers.</summary>
    /// <param name="maxLinks">Longest list.</param>
    /// <param name="codeStride">Bytes from a row of codes to the next.</param>
    public NeighborSelection(int maxLinks, int codeStride)
    {
        _kept = [.. Enumerable.Range(0, maxLinks).Select(_ => new QueryCodes(codeStride))];
        _pruned = new int[maxLinks];
    }

    /// <summary>Chooses neighbours.</summary>
    /// <param name="vectors">The nodes' vectors.</param>
    /// <param name="candidates">Keys of nodes scored against the element, best first; without the element.</param>
    /// <param name="selected">As long as many neighbours are wanted (M); takes them.</param>
    /// <returns>How many were chosen.</returns>
    public int Select(QuantizedVectors vectors, ReadOnlySpan<ulong> candidates, Span<int> selected)
    {
        var count = 0;
        var prunedCount = 0;
        foreach (var key in candidates)
        {
            if (count == selected.Length)
            {
                return count;
            }

            var node = Candidate.Node(key);
            if (IsCloserThanToKept(vectors, node, Candidate.Score(key), count))
            {
                _kept[count].Set(vectors, node);
                selected[count++] = node;
            }
            else if (prunedCount < selected.Length)
            {
                _pruned[prunedCount++] = node;
            }
        }

        // keepPrunedConnections: the nearest of those that were left out fill the rest.
        for (var i = 0; i < prunedCount && count < selected.Length; i++)
        {
            selected[count++] = _pruned[i];
        }

        return count;
    }

    private bool IsCloserThanToKept(QuantizedVectors vectors, int node, float scoreToElement, int kept)
    {
        for (var i = 0; i < kept; i++)
        {
            if (_kept[i].Score(vectors, node) > scoreToElement)
            {
                return false;
            }
        }

        return true;
    }
}
