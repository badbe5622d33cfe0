using AlbertSearch.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Builds graphs that are missing or damaged, one after the other, and saves graphs that have changed enough, beside searches and writes.</summary>
internal sealed class SnapshotWorker(SqliteDocumentStore store, GenerationIndexes indexes, IndexRebuilder rebuilder, IndexOptions options, TimeProvider time, ILogger<SnapshotWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await Task.WhenAll(rebuilder.RunAsync(stoppingToken), SaveAsync(stoppingToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("Snapshots stop.");
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            indexes.ReplaceUnrepaired();
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
}
