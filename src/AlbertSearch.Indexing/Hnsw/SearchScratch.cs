using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>What one search or insert writes to. Taken from a <see cref="ScratchPool{T}"/>; not thread-safe.</summary>
internal sealed class SearchScratch
{
    /// <summary>Makes the buffers.</summary>
    /// <param name="m">The graph's M.</param>
    /// <param name="codeStride">Bytes from a row of codes to the next.</param>
    public SearchScratch(int m, int codeStride)
    {
        Query = new QueryCodes(codeStride);
        Batch = new int[2 * m];
        Sums = new int[2 * m];
        Scores = new float[2 * m];
    }

    /// <summary>The query in codes.</summary>
    public QueryCodes Query { get; }

    /// <summary>Nodes seen.</summary>
    public VisitedMarks Visited { get; } = new();

    /// <summary>Alg. 2's W and C.</summary>
    public CandidatePool Pool { get; } = new();

    /// <summary>Alg. 2's C where W holds only some of it.</summary>
    public CandidateHeap Heap { get; } = new();

    /// <summary>Nodes to score; as long as the longest list.</summary>
    public int[] Batch { get; }

    /// <summary>Integer dot products of <see cref="Batch"/>.</summary>
    public int[] Sums { get; }

    /// <summary>Scores of <see cref="Batch"/>.</summary>
    public float[] Scores { get; }
}
