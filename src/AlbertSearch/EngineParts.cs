using AlbertSearch.Collections;
using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Models;
using AlbertSearch.Search;
using AlbertSearch.Storage;
using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Storage.Sqlite.Verification;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AlbertSearch;

/// <summary>Puts an engine together and takes it apart: which class stands behind which seam is decided here.</summary>
internal sealed class EngineParts : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly SqliteDatabase _database;
    private readonly GenerationIndexes _indexes;
    private readonly SqliteDocumentStore _store;
    private readonly QueueSignals _signals = new();
    private readonly SemaphoreSlim _closing = new(1, 1);
    private bool _closed;

    private EngineParts(AlbertSearchOptions options, ModelCatalog models, SqliteDatabase database, TimeProvider time, ILoggerFactory loggers)
    {
        Options = options;
        Time = time;
        Models = models;
        _logger = loggers.CreateLogger<AlbertSearchEngine>();
        _database = database;
        var indexLogger = loggers.CreateLogger<GenerationIndexes>();
        var snapshots = new IndexSnapshots(database, options.Index, indexLogger);
        var rebuilder = new IndexRebuilder(database, snapshots, time, indexLogger);
        _indexes = new GenerationIndexes(new IndexRestorer(database, snapshots, rebuilder, indexLogger), snapshots);
        _store = new SqliteDocumentStore(database, _indexes, _signals, options.Limits, time, loggers.CreateLogger<SqliteDocumentStore>());
        Queue = new SqliteOperationQueue(database, _signals, time, options.Queue.MaxDocuments);
        Verifier = new SqliteCollectionVerifier(database, _indexes, _signals, time);
        Collections = new CollectionCatalog(_store, models, options, loggers.CreateLogger<CollectionCatalog>());
        CollectionInfos = new CollectionInfoReader(_store);
        Validator = new DocumentValidator(options.Limits);
        Search = new SearchService(
            Collections,
            new SqliteChunkSearch(database, _indexes, options.Index),
            new SearchRequestValidator(options.Limits, Validator),
            new QueryVectorCache(options.QueryCache),
            new BestSentences(new QueryVectorCache(options.QueryCache)),
            Environment.ProcessorCount * 2);
        Worker = new IngestionWorker(
            Queue, _store, new DocumentPreparer(_store, Collections, options.Queue), options.Queue, time, loggers.CreateLogger<IngestionWorker>());
        Snapshots = new SnapshotWorker(_store, _indexes, rebuilder, options.Index, time, loggers.CreateLogger<SnapshotWorker>());
        Maintenance = new MaintenanceWorker(Queue, _store, options.Queue, time, loggers.CreateLogger<MaintenanceWorker>());
    }

    public AlbertSearchOptions Options { get; }

    public TimeProvider Time { get; }

    public ModelCatalog Models { get; }

    public SqliteDatabase Database => _database;

    public IDocumentStore Store => _store;

    public IOperationQueue Queue { get; }

    public ICollectionVerifier Verifier { get; }

    public CollectionCatalog Collections { get; }

    public CollectionInfoReader CollectionInfos { get; }

    public DocumentValidator Validator { get; }

    public SearchService Search { get; }

    private IngestionWorker Worker { get; }

    private MaintenanceWorker Maintenance { get; }

    private SnapshotWorker Snapshots { get; }

    /// <summary>Loads the default model, opens the data folder, rebuilds the indexes and starts the worker.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log to.</param>
    /// <param name="createEmbedder">Makes the embedder of a model.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<EngineParts> OpenAsync(
        AlbertSearchOptions options, TimeProvider time, ILoggerFactory loggers, Func<string, EmbeddingModel, ITextEmbedder> createEmbedder, CancellationToken cancellationToken)
    {
        var models = new ModelCatalog(options, createEmbedder);
        SqliteDatabase? database = null;
        EngineParts? parts = null;
        try
        {
            // The folder first: a second process is told at once, not after it has loaded a model.
            database = await Task.Run(() => SqliteDatabase.Open(options.Resolve(options.IndexData), time, loggers.CreateLogger<SqliteDatabase>()), cancellationToken).ConfigureAwait(false);
            await Task.Run(() => models.Get(models.DefaultName), cancellationToken).ConfigureAwait(false);
            parts = new EngineParts(options, models, database, time, loggers);
            await Task.Run(() => parts._store.RestoreIndexesAsync(new IndexSettings(options.Index.Kind), cancellationToken), cancellationToken).ConfigureAwait(false);
            await parts.Collections.LoadAsync(cancellationToken).ConfigureAwait(false);
            await parts.Queue.RecoverAsync(cancellationToken).ConfigureAwait(false);
            await parts.Worker.StartAsync(cancellationToken).ConfigureAwait(false);
            await parts.Maintenance.StartAsync(cancellationToken).ConfigureAwait(false);
            await parts.Snapshots.StartAsync(cancellationToken).ConfigureAwait(false);
            return parts;
        }
        catch
        {
            if (parts is not null)
            {
                await parts.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                database?.Dispose();
                models.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _closing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            await Task.WhenAll(StopAsync(Worker), StopAsync(Maintenance), StopAsync(Snapshots)).ConfigureAwait(false);
            _signals.Fail(new StorageUnavailableException("The engine is being closed; what was accepted is applied at the next start."));
            await _store.DisposeAsync().ConfigureAwait(false);
            await SaveSnapshotsAsync().ConfigureAwait(false);
            _database.Dispose();
            _indexes.Dispose();
            Search.Dispose();
            Models.Dispose();
            _logger.LogInformation("Closed the data folder '{Folder}'.", Path.GetDirectoryName(_database.Path));
        }
        finally
        {
            _closing.Release();
        }
    }

    private async Task StopAsync(BackgroundService worker)
    {
        using var bound = new CancellationTokenSource(Options.Queue.StopTimeout, Time);
        await worker.StopAsync(bound.Token).ConfigureAwait(false);
        worker.Dispose();
    }

    private async Task SaveSnapshotsAsync()
    {
        using var bound = new CancellationTokenSource(Options.Queue.StopTimeout, Time);
        try
        {
            await _store.SaveIndexesAsync(leastChanges: 1, bound.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is StorageUnavailableException or OperationCanceledException)
        {
            _logger.LogWarning("The graphs are not saved as they are now; the next start takes longer. ({Reason})", error.Message);
        }
    }
}
