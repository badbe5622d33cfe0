namespace AlbertSearch.Ingestion;

/// <summary>The durable queue and the worker that empties it.</summary>
public sealed class QueueOptions
{
    /// <summary>Documents that may wait; a request that would exceed it is refused as <c>queue_full</c>.</summary>
    public int MaxDocuments { get; set; } = 100_000;

    /// <summary>Tokens that are embedded in one batch.</summary>
    public int BatchTokens { get; set; } = 4_096;

    /// <summary>Documents that are applied in one transaction at most.</summary>
    public int BatchDocuments { get; set; } = 256;

    /// <summary>How long a worker holds the rows it has taken, unless it renews.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Tries of a document before it is parked with its error.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// How long closing takes at most, as a whole: the workers end what is being applied and give the rest back to the queue, and what time they
    /// leave is for saving the graphs. What doesn't fit is made up for by the next start. A host's own bound on its stop holds as well.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long finished operations are kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);
}
