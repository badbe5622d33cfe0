namespace AlbertSearch.Indexing;

/// <summary>A search that goes on where it stopped. Not thread-safe.</summary>
public interface IVectorSearchCursor : IDisposable
{
    /// <summary>Writes the next nearest neighbours, best first, none twice.</summary>
    /// <returns>How many were written; 0 at the end.</returns>
    int ReadNext(Span<Neighbor> results, CancellationToken cancellationToken = default);
}
