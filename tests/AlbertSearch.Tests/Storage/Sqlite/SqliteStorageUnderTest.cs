using AlbertSearch.Search;
using AlbertSearch.Storage;
using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests.Storage.Sqlite;

/// <summary>SQLite with an index of either kind; a graph is searched exactly unless a test wants otherwise, so that answers can be foretold.</summary>
internal sealed class SqliteStorageUnderTest : StorageUnderTest
{
    private readonly TemporaryFolder? _ownFolder;
    private readonly SqliteDocumentStore _store;

    public SqliteStorageUnderTest(TimeProvider time, int maxWrites = 1_000, TemporaryFolder? folder = null, string kind = IndexOptions.Flat, int exactBelow = int.MaxValue)
    {
        var options = new IndexOptions { Kind = kind, ExactBelow = exactBelow };
        _ownFolder = folder is null ? new TemporaryFolder() : null;
        var signals = new QueueSignals();
        Database = SqliteDatabase.Open((folder ?? _ownFolder!).Path, time, NullLogger.Instance);
        Snapshots = new IndexSnapshots(Database, options, NullLogger.Instance);
        Rebuilder = new IndexRebuilder(Database, Snapshots, time, NullLogger.Instance);
        Indexes = new GenerationIndexes(new IndexRestorer(Database, Snapshots, Rebuilder, NullLogger.Instance), Snapshots);
        _store = new SqliteDocumentStore(Database, Indexes, signals, new LimitOptions(), time, NullLogger<SqliteDocumentStore>.Instance);
        Queue = new SqliteOperationQueue(Database, signals, time, maxWrites);
        Search = new SqliteChunkSearch(Database, Indexes, options);
    }

    public SqliteDatabase Database { get; }

    public IndexSnapshots Snapshots { get; }

    public IndexRebuilder Rebuilder { get; }

    public GenerationIndexes Indexes { get; }

    public GenerationIndex Index => Indexes.Find(Generation.Key)!;

    public SqliteDocumentStore SqliteStore => _store;

    public override IDocumentStore Store => _store;

    public override IOperationQueue Queue { get; }

    public override IChunkSearch Search { get; }

    public static async Task<SqliteStorageUnderTest> OpenAsync(
        TimeProvider? time = null, int maxWrites = 1_000, TemporaryFolder? folder = null, string kind = IndexOptions.Flat, int exactBelow = int.MaxValue)
    {
        var storage = new SqliteStorageUnderTest(time ?? TimeProvider.System, maxWrites, folder, kind, exactBelow);
        try
        {
            await storage._store.RestoreIndexesAsync(CancellationToken.None);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }

        await storage.CreateCollectionAsync();
        await storage.Queue.RecoverAsync();
        return storage;
    }

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Database.Dispose();
        Indexes.Dispose();
        _ownFolder?.Dispose();
    }
}
