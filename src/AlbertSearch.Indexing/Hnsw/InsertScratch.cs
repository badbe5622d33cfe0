namespace AlbertSearch.Indexing.Hnsw;

/// <summary>What one insert writes to besides a search's scratch. Not thread-safe.</summary>
internal sealed class InsertScratch
{
    private ulong[] _candidates = [];

    /// <summary>Makes the buffers.</summary>
    /// <param name="m">The graph's M.</param>
    /// <param name="codeStride">Bytes from a row of codes to the next.</param>
    public InsertScratch(int m, int codeStride)
    {
        Search = new SearchScratch(m, codeStride);
        Neighbor = new SearchScratch(m, codeStride);
        Selection = new NeighborSelection(2 * m, codeStride);
        Selected = new int[2 * m];
    }

    /// <summary>For the search of the new element's neighbours.</summary>
    public SearchScratch Search { get; }

    /// <summary>For scoring a neighbour's links against the neighbour.</summary>
    public SearchScratch Neighbor { get; }

    /// <summary>Alg. 4.</summary>
    public NeighborSelection Selection { get; }

    /// <summary>What was selected.</summary>
    public int[] Selected { get; }

    /// <summary>Room for the candidates of a selection.</summary>
    public Span<ulong> CandidatesFor(int count)
    {
        if (_candidates.Length < count)
        {
            _candidates = new ulong[count];
        }

        return _candidates.AsSpan(0, count);
    }
}
