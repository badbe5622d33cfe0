using AlbertSearch.Errors;
using AlbertSearch.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Ingestion;

/// <summary>Tidies up at the start and every few minutes: it frees what deleted collections left, and forgets operations that ended long ago.</summary>
internal sealed class MaintenanceWorker(IOperationQueue queue, IDocumentStore store, QueueOptions options, TimeProvider time, ILogger<MaintenanceWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                await TidyAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("Maintenance stops.");
        }
    }

    private async Task TidyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.PurgeDeletedAsync(cancellationToken).ConfigureAwait(false);
            var forgotten = await queue.PurgeAsync(time.GetUtcNow() - options.Retention, cancellationToken).ConfigureAwait(false);
            if (forgotten > 0)
            {
                logger.LogDebug("Forgot {Count} operations that ended more than {Retention} ago.", forgotten, options.Retention);
            }
        }
        catch (StorageUnavailableException error)
        {
            logger.LogWarning("Tidying up has to wait: {Reason}", error.Message);
        }
    }
}
