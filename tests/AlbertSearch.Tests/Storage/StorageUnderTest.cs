using System.Text.Json;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Filters;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Storage;

namespace AlbertSearch.Tests.Storage;

/// <summary>The three seams of one storage, and what every contract test does with them.</summary>
public abstract class StorageUnderTest : IAsyncDisposable
{
    public const int Dimension = 4;

    private int _owners;

    public abstract IDocumentStore Store { get; }

    public abstract IOperationQueue Queue { get; }

    public abstract IChunkSearch Search { get; }

    public StoredCollection Collection { get; private set; } = null!;

    public Generation Generation => Collection.Live!;

    public static GenerationSettings Settings(string identity = "identity") => new()
    {
        ModelName = "model",
        ModelIdentity = identity,
        Dimension = Dimension,
        Pooling = PoolingMode.Mean,
        Chunking = new ChunkingSettings(true, 0, 16),
        Index = new IndexSettings(),
    };

    public async Task CreateCollectionAsync() => Collection = await Store.CreateCollectionAsync("default", Settings());

    public static NewWrite Upsert(string id, string text = "text", string? metadata = null, long place = 0) =>
        new() { Kind = WriteKind.Upsert, DocumentId = id, Place = place, Text = text, Metadata = metadata };

    public static NewWrite Delete(string id) => new() { Kind = WriteKind.Delete, DocumentId = id, Place = 0 };

    public static NewWrite Patch(string id, string patch, long? ifRevision = null) =>
        new() { Kind = WriteKind.Patch, DocumentId = id, Place = 0, Metadata = patch, IfRevision = ifRevision };

    public NewOperation NewOperation(OperationKind kind = OperationKind.Index) =>
        new() { Id = $"operation-{Guid.NewGuid():n}", Collection = Collection.Key, CollectionName = Collection.Name, Kind = kind };

    public Task<Operation> EnqueueAsync(params NewWrite[] writes) => Queue.EnqueueAsync(NewOperation(), writes);

    public Task<IReadOnlyList<QueuedWrite>> LeaseAsync(string owner, int maxWrites = 100, WriteLane lane = WriteLane.Small) => Queue.LeaseAsync(owner, lane, TimeSpan.FromMinutes(1), maxWrites, long.MaxValue);

    /// <summary>Applies all that waits; the vectors of a text are given by the caller, one chunk of ten characters each.</summary>
    public async Task ApplyAllAsync(Func<string, float[][]> vectorsOf)
    {
        while (true)
        {
            var owner = $"owner-{++_owners}";
            var writes = await LeaseAsync(owner);
            if (writes.Count == 0)
            {
                return;
            }

            await Store.ApplyAsync([.. writes.GroupBy(write => write.DocumentId).Select(group => Prepare([.. group], vectorsOf))], owner);
        }
    }

    public PreparedDocument Prepare(IReadOnlyList<QueuedWrite> writes, Func<string, float[][]> vectorsOf)
    {
        var text = writes.LastOrDefault(write => write.Kind == WriteKind.Upsert)?.Text;
        return new PreparedDocument
        {
            Collection = Collection.Key,
            Id = writes[0].DocumentId,
            Writes = writes,
            ContentHash = text is null ? null : ContentHash.Of(text),
            Chunks = text is null ? null : new Dictionary<long, IReadOnlyList<ChunkVector>>
            {
                [Generation.Key] = [.. vectorsOf(text).Select((vector, index) => new ChunkVector(index * 10, (index * 10) + 10, vector))],
            },
        };
    }

    public Task<IReadOnlyList<SearchHit>> FindAsync(
        float[] vector, int k = 10, int offset = 0, float? minScore = null, HitParts include = HitParts.None, string? filter = null, HitGrouping groupBy = HitGrouping.Document) =>
        Search.SearchAsync(new ChunkQuery
        {
            Generation = Generation,
            Vector = vector,
            K = k,
            Offset = offset,
            MinScore = minScore,
            Include = include,
            Filter = filter is null ? null : ParseFilter(filter),
            GroupBy = groupBy,
        });

    public static Filter ParseFilter(string json) => new FilterParser(new LimitOptions()).Parse(JsonDocument.Parse(json).RootElement);

    /// <summary>A vector of norm 1 whose dot product with (1, 0, 0, 0) is the score.</summary>
    public static float[] Scoring(double score) => [(float)score, (float)Math.Sqrt(1 - (score * score)), 0, 0];

    public static float[] Query { get; } = [1, 0, 0, 0];

    public abstract ValueTask DisposeAsync();
}
