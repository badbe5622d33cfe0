using AlbertSearch.Errors;
using AlbertSearch.Storage;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Ingestion;

/// <summary>
/// Empties one lane of the queue: it leases writes, has them prepared, and applies them. While one batch is being applied, the next one is
/// being embedded. Errors of the storage are waited out, and told to who waits for operations; a write that throws is tried again later, and parked with its error in the end.
/// </summary>
internal sealed class IngestionLane(
    WriteLane lane, IOperationQueue queue, IDocumentStore store, DocumentPreparer preparer, QueueOptions options, TimeProvider time, ILogger logger)
{
    // A batch of a few encoder runs: long enough that its two commits don't show, short enough that a new small request isn't kept waiting.
    private const int EncoderBatchesPerLease = 4;

    // Texts have about four bytes a token: an estimate is enough to size a lease.
    private const int BytesPerToken = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly string _name = Guid.NewGuid().ToString("n");
    private long _batches;

    /// <summary>Goes on until it is stopped; what is being worked on goes back to the queue then, unless it is just being committed.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var applying = Task.CompletedTask;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var batch = await RetryAsync("read the queue", () => PrepareNextAsync(stoppingToken), stoppingToken).ConfigureAwait(false);
                await applying.ConfigureAwait(false);
                if (batch is not null)
                {
                    applying = ApplyAsync(batch, stoppingToken);
                }
                else
                {
                    applying = Task.CompletedTask;
                    await RetryAsync(
                        "wait for the queue",
                        async () =>
                        {
                            await queue.WaitForWorkAsync(lane, stoppingToken).ConfigureAwait(false);
                            return true;
                        },
                        stoppingToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("Ingestion stops.");
        }

        try
        {
            await applying.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogDebug("A batch goes back to the queue.");
        }
    }

    private async Task<PreparedBatch?> PrepareNextAsync(CancellationToken cancellationToken)
    {
        var owner = $"{_name}:{++_batches}";
        var writes = await queue.LeaseAsync(
            owner, lane, options.Lease, options.BatchDocuments, (long)options.BatchTokens * EncoderBatchesPerLease * BytesPerToken, cancellationToken).ConfigureAwait(false);
        if (writes.Count == 0)
        {
            return null;
        }

        try
        {
            return await preparer.PrepareAsync(owner, writes, Renewal(owner), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await TryReleaseAsync(owner).ConfigureAwait(false);
            throw;
        }
    }

    private async Task ApplyAsync(PreparedBatch batch, CancellationToken cancellationToken)
    {
        var renew = Renewal(batch.Owner);
        try
        {
            await RetryAsync(
                "apply documents",
                async () =>
                {
                    await renew().ConfigureAwait(false);
                    await ApplyTogetherOrAloneAsync(batch, cancellationToken).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await TryReleaseAsync(batch.Owner).ConfigureAwait(false);
            throw;
        }
    }

    private async Task ApplyTogetherOrAloneAsync(PreparedBatch batch, CancellationToken cancellationToken)
    {
        foreach (var (write, error) in batch.Failures)
        {
            await FailAsync(write, batch.Owner, error, cancellationToken).ConfigureAwait(false);
        }

        if (batch.Left.Count > 0)
        {
            await queue.ReleaseAsync(batch.Owner, batch.Left, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await store.ApplyAsync(batch.Documents, batch.Owner, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsItsOwn(error))
        {
            logger.LogWarning(error, "A batch of {Count} documents could not be applied; they are applied one by one.", batch.Documents.Count);
            foreach (var document in batch.Documents)
            {
                await ApplyAloneAsync(document, batch.Owner, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ApplyAloneAsync(PreparedDocument document, string owner, CancellationToken cancellationToken)
    {
        try
        {
            await store.ApplyAsync([document], owner, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsItsOwn(error))
        {
            await FailAsync(document.Writes[0], owner, error, cancellationToken).ConfigureAwait(false);
            await queue.ReleaseAsync(owner, [.. document.Writes.Skip(1)], cancellationToken).ConfigureAwait(false);
        }
    }

    // Of the documents, or of the pages that they lie on: others may go in. Everything else is waited out.
    private static bool IsItsOwn(Exception error) => error is not OperationCanceledException && error is not StorageUnavailableException { IsDamage: false };

    private async Task FailAsync(QueuedWrite write, string owner, Exception error, CancellationToken cancellationToken)
    {
        logger.LogWarning(error, "Document '{Document}' could not be indexed (try {Try} of {Tries}).", write.DocumentId, write.Attempt + 1, options.MaxAttempts);
        var putOff = FirstPause * Math.Pow(2, Math.Min(write.Attempt, 5));
        await queue.FailAsync(write, owner, error.Message, putOff, options.MaxAttempts, cancellationToken).ConfigureAwait(false);
    }

    // Tells whether anything is still held: all is gone when what was leased was canceled.
    private Func<Task<bool>> Renewal(string owner)
    {
        var renewed = time.GetTimestamp();
        return async () =>
        {
            if (time.GetElapsedTime(renewed) <= options.Lease / 3)
            {
                return true;
            }

            renewed = time.GetTimestamp();
            return await queue.RenewAsync(owner, options.Lease).ConfigureAwait(false) > 0;
        };
    }

    private async Task<T> RetryAsync<T>(string what, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (StorageUnavailableException error)
            {
                logger.LogError("Ingestion could not {What}: {Reason} Next try in {Seconds} s.", what, error.Message, pause.TotalSeconds);
                queue.ReportStall(error);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // A defect; the queue must go on all the same, and what is in it is safe.
                logger.LogError(error, "Ingestion could not {What}. Next try in {Seconds} s.", what, pause.TotalSeconds);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TryReleaseAsync(string owner)
    {
        try
        {
            await queue.ReleaseAsync(owner).ConfigureAwait(false);
        }
        catch (StorageUnavailableException error)
        {
            logger.LogWarning("A lease could not be given back and ends by itself: {Reason}", error.Message);
        }
    }
}
