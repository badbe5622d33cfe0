using AlbertSearch.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Ingestion;

/// <summary>Empties the queue, in both lanes at a time: short texts go in while a long one is being embedded. The encoder takes the batches of the two in turn.</summary>
internal sealed class IngestionWorker(
    IOperationQueue queue, IDocumentStore store, DocumentPreparer preparer, QueueOptions options, TimeProvider time, ILogger<IngestionWorker> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enum.GetValues<WriteLane>().Select(lane => new IngestionLane(lane, queue, store, preparer, options, time, logger).RunAsync(stoppingToken)));
}
