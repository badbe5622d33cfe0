using AlbertSearch.Errors;
using AlbertSearch.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Ingestion;

/// <summary>Forgets operations that ended longer ago than <see cref="QueueOptions.Retention"/>: once at start, and every hour from then on.</summary>
internal sealed class RetentionWorker(IOperationQueue queue, QueueOptions options, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await PurgeAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("Forgetting old operations stops.");
        }
    }

    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var count = await queue.PurgeAsync(time.GetUtcNow() - options.Retention, cancellationToken).ConfigureAwait(false);
            if (count > 0)
            {
                logger.LogInformation("Forgot {Count} operations that ended more than {Retention} ago.", count, options.Retention);
            }
        }
        catch (StorageUnavailableException error)
        {
            logger.LogWarning("Old operations could not be forgotten: {Reason} Next try in {Interval}.", error.Message, Interval);
        }
    }
}
