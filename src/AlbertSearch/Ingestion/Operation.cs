namespace AlbertSearch.Ingestion;

/// <summary>A write request on its way through the durable queue.</summary>
public sealed record Operation
{
    /// <summary>Names it in the API.</summary>
    public required string Id { get; init; }

    /// <summary>The collection it writes to.</summary>
    public required string Collection { get; init; }

    /// <summary>What it does.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>How far it is.</summary>
    public required OperationState State { get; init; }

    /// <summary>Documents that it was accepted with; grows while a bulk body comes in.</summary>
    public required long Documents { get; init; }

    /// <summary>Documents that are applied or failed.</summary>
    public required long Done { get; init; }

    /// <summary>Documents that were new.</summary>
    public required long Added { get; init; }

    /// <summary>Documents that replaced another text or other metadata.</summary>
    public required long Updated { get; init; }

    /// <summary>Documents that were stored as they are already.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Documents that were deleted.</summary>
    public required long Deleted { get; init; }

    /// <summary>Documents that didn't go in; the list is bounded, <see cref="FailedCount"/> is not.</summary>
    public required IReadOnlyList<FailedDocument> Failed { get; init; }

    /// <summary>Number of documents that didn't go in.</summary>
    public required long FailedCount { get; init; }

    /// <summary>Tokens that were embedded for it.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens that were cut from its texts because chunking is off.</summary>
    public long TruncatedTokens { get; init; }

    /// <summary>Documents that were taken out of the queue because the operation was canceled.</summary>
    public long Canceled { get; init; }

    /// <summary>Lines of a bulk body that are dealt with: a body that was cut off goes on after them.</summary>
    public long Lines { get; init; }

    /// <summary>Whether a bulk body was cut off before its end.</summary>
    public bool CutOff { get; init; }

    /// <summary>The key by which a repeated request is known; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Documents a second since the first one was applied; null before.</summary>
    public double? DocumentsPerSecond { get; init; }

    /// <summary>How long the rest will take at this rate; null when unknown or ended.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Why the operation as a whole ended in <see cref="OperationState.Failed"/>.</summary>
    public string? Error { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first document was applied; null before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
