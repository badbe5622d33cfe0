using AlbertSearch.Storage;

namespace AlbertSearch.Collections;

/// <summary>Describes collections. Safe for use from many threads.</summary>
internal sealed class CollectionInfoReader(IDocumentStore store, IndexOptions options)
{
    /// <summary>A collection's settings and counters.</summary>
    public async Task<CollectionInfo> ReadAsync(StoredCollection collection, CancellationToken cancellationToken)
    {
        var counters = await store.CountAsync(collection.Key, cancellationToken).ConfigureAwait(false);
        var live = collection.Live?.Settings;
        var index = live?.Index.Over(options) ?? options;
        return new CollectionInfo
        {
            Name = collection.Name,
            Documents = counters.Documents,
            TextBytes = counters.TextBytes,
            Chunks = counters.Chunks,
            VectorBytes = counters.Chunks * (live?.Dimension ?? 0) * sizeof(float),
            ModelName = live?.ModelName ?? string.Empty,
            ModelIdentity = live?.ModelIdentity ?? string.Empty,
            Pooling = live?.Pooling ?? default,
            Chunking = live?.Chunking,
            Dimension = live?.Dimension ?? 0,
            Index = index,
            IndexCount = counters.IndexCount,
            Tombstones = counters.Graph?.Tombstones ?? 0,
            IndexBuilding = index.Kind == IndexOptions.Hnsw && counters.Graph is null,
            IndexLevels = counters.Graph?.Levels,
            IndexMemoryBytes = counters.Graph?.MemoryBytes ?? 0,
            IndexMappedBytes = counters.Graph?.MappedBytes ?? 0,
        };
    }
}
