namespace AlbertSearch.Search;

/// <summary>Finds the documents whose chunks are nearest to a vector. Safe for use from many threads.</summary>
public interface IChunkSearch
{
    /// <summary>Finds documents, best first, ties by id. Each is seen before or after a concurrent write to it, never between.</summary>
    /// <exception cref="Errors.StorageUnavailableException">The storage can't be read.</exception>
    Task<IReadOnlyList<SearchHit>> SearchAsync(ChunkQuery query, CancellationToken cancellationToken = default);
}
