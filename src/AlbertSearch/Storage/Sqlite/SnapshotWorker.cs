using AlbertSearch.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Builds graphs that are missing, one after the other, and saves graphs that have changed enough, beside searches and writes.</summary>
internal sealed class SnapshotWorker(SqliteDocumentStore store, GenerationIndexes indexes, IndexOptions options, TimeProvider time, ILogger<SnapshotWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (indexes.TryTakeBackground(out var build))
            {
                await BuildAsync(build, stoppingToken).ConfigureAwait(false);
            }

            using var timer = new PeriodicTimer(Period, time);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await SaveAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("Snapshots stop.");
        }
    }

    private async Task BuildAsync(Func<CancellationToken, Task> build, CancellationToken cancellationToken)
    {
        try
        {
            await build(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is StorageUnavailableException or ObjectDisposedException)
        {
            // Searches go on exactly; the next start tries again.
            logger.LogWarning("A graph could not be built: {Reason}", error.Message);
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.SaveIndexesAsync(options.SnapshotChanges, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageUnavailableException error)
        {
            logger.LogWarning("Snapshots have to wait: {Reason}", error.Message);
        }
    }
}
