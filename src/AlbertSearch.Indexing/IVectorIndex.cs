namespace AlbertSearch.Indexing;

/// <summary>
/// Nearest neighbours by dot product: higher is closer. Vectors are known by slots, small non-negative integers that the caller
/// chooses and never reuses while the slot is held. Searches run beside inserts and removals from any threads and never wait for them.
/// </summary>
public interface IVectorIndex : IDisposable
{
    /// <summary>Floats in a vector.</summary>
    int Dimension { get; }

    /// <summary>Vectors that a search can find.</summary>
    int Count { get; }

    /// <summary>Adds a vector. It is found by searches that start after the call.</summary>
    /// <param name="slot">Not held by the index.</param>
    /// <param name="vector">Dimension finite floats, not all zero.</param>
    /// <exception cref="ArgumentException">Wrong dimension, a float that is not finite, a zero vector, or a slot that is held. The index is unchanged.</exception>
    void Insert(int slot, ReadOnlySpan<float> vector);

    /// <summary>Removes a vector. Searches that start after the call don't find it.</summary>
    /// <returns>Whether the slot was held.</returns>
    bool Remove(int slot);

    /// <summary>Whether a search can find the slot.</summary>
    bool Contains(int slot);

    /// <summary>The dot product of a query with a held vector, in full precision.</summary>
    /// <exception cref="ArgumentException">Wrong dimension or a slot that is not held.</exception>
    float Score(ReadOnlySpan<float> query, int slot);

    /// <summary>Finds the <paramref name="results"/>.Length nearest vectors, best first; ties are broken by slot, the smaller first.</summary>
    /// <returns>How many were found: fewer when fewer are allowed.</returns>
    /// <exception cref="ArgumentException">Wrong dimension, a float that is not finite, or a zero query.</exception>
    int Search(ReadOnlySpan<float> query, in VectorSearchParameters parameters, Span<Neighbor> results, CancellationToken cancellationToken = default);

    /// <summary>Opens a search that hands out its neighbours in steps, for callers that need more candidates when the first ones don't suffice.</summary>
    IVectorSearchCursor OpenCursor(ReadOnlySpan<float> query, in VectorSearchParameters parameters);
}
