using AlbertSearch.Indexing.Flat;
using AlbertSearch.Search;
using AlbertSearch.Storage;
using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests.Storage.Sqlite;

/// <summary>SQLite with flat indexes.</summary>
internal sealed class SqliteStorageUnderTest : StorageUnderTest
{
    private readonly TemporaryFolder? _ownFolder;
    private readonly SqliteDocumentStore _store;

    public SqliteStorageUnderTest(TimeProvider time, int maxWrites = 1_000, TemporaryFolder? folder = null)
    {
        _ownFolder = folder is null ? new TemporaryFolder() : null;
        var signals = new QueueSignals();
        Database = SqliteDatabase.Open((folder ?? _ownFolder!).Path, time, NullLogger.Instance);
        Indexes = new GenerationIndexes(settings => new FlatIndex(settings.Dimension));
        _store = new SqliteDocumentStore(Database, Indexes, signals, new LimitOptions(), time, NullLogger<SqliteDocumentStore>.Instance);
        Queue = new SqliteOperationQueue(Database, signals, time, maxWrites);
        Search = new SqliteChunkSearch(Database, Indexes);
    }

    public SqliteDatabase Database { get; }

    public GenerationIndexes Indexes { get; }

    public override IDocumentStore Store => _store;

    public override IOperationQueue Queue { get; }

    public override IChunkSearch Search { get; }

    public static async Task<SqliteStorageUnderTest> OpenAsync(TimeProvider? time = null, int maxWrites = 1_000, TemporaryFolder? folder = null)
    {
        var storage = new SqliteStorageUnderTest(time ?? TimeProvider.System, maxWrites, folder);
        await storage._store.RestoreIndexesAsync(CancellationToken.None);
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
