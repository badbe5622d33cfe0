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
    // The rest of the time is for closing files after a save that took all that it had.
    private const double ShareBeforeFiles = 0.9;

    private readonly ILogger _logger;
    private readonly SqliteDatabase _database;
    private readonly GenerationIndexes _indexes;
    private readonly SqliteDocumentStore _store;
    private readonly QueueSignals _signals = new();
    private readonly Lock _lock = new();
    private Task? _closing;

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
        CollectionInfos = new CollectionInfoReader(_store, options.Index);
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
            await Task.Run(() => parts._store.RestoreIndexesAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
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

    /// <summary>Ends when everything is closed: later than <see cref="CloseAsync"/> when that ran out of time.</summary>
    public Task Closed { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Stops the workers, saves the graphs and closes the files, all within one bound: what time the workers leave is what the save has. A save
    /// that doesn't fit is given up. When the bound is reached, the call ends, and what is left goes on for as long as the process lives: nothing is
    /// taken away from a worker that still runs. Either way nothing is lost that was accepted, and the next opening takes longer.
    /// </summary>
    /// <param name="cancellationToken">Ends the time earlier than the options say.</param>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _closing ??= CloseInTimeAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => new(CloseAsync(CancellationToken.None));

    private async Task CloseInTimeAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Options.Queue.StopTimeout, Time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Closed = CloseAllAsync(cancellationToken);
        try
        {
            await Closed.WaitAsync(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            _logger.LogWarning("The time to stop is over before everything is closed. What was accepted is safe; the next start takes longer.");
        }
    }

    private async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Options.Queue.StopTimeout * ShareBeforeFiles, Time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);

        // Some of it blocks: not the caller, who has a bound.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await Task.WhenAll(StopAsync(Worker), StopAsync(Maintenance), StopAsync(Snapshots)).ConfigureAwait(false);
        _signals.Fail(new StorageUnavailableException("The engine is being closed; what was accepted is applied at the next start."));
        await _store.DisposeAsync().ConfigureAwait(false);
        await SaveSnapshotsAsync(bound.Token).ConfigureAwait(false);
        _database.Dispose();
        _indexes.Dispose();
        Search.Dispose();
        Models.Dispose();
        _logger.LogInformation("Closed the data folder '{Folder}'.", Path.GetDirectoryName(_database.Path));
    }

    // Waits to the end: what a worker uses must not be closed under it.
    private static async Task StopAsync(BackgroundService worker)
    {
        await worker.StopAsync(CancellationToken.None).ConfigureAwait(false);
        worker.Dispose();
    }

    private async Task SaveSnapshotsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _store.SaveIndexesAsync(leastChanges: 1, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is StorageUnavailableException or OperationCanceledException)
        {
            _logger.LogWarning("The graphs are not saved as they are now; the next start takes longer. ({Reason})", error.Message);
        }
    }
}
