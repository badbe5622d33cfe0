using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage;

/// <summary>A queued write that its holder may apply until the lease ends.</summary>
public sealed record QueuedWrite
{
    /// <summary>From one byte more on, a text is a large one: it takes an encoder batch or more for itself.</summary>
    public const int LargeTextBytes = 16_384;

    /// <summary>Orders all writes for good: writes to one document are applied in this order.</summary>
    public required long Sequence { get; init; }

    /// <summary>The operation that it belongs to.</summary>
    public required long Operation { get; init; }

    /// <summary>The collection that it writes to.</summary>
    public required long Collection { get; init; }

    /// <summary>What it does.</summary>
    public required WriteKind Kind { get; init; }

    /// <summary>The document's id.</summary>
    public required string DocumentId { get; init; }

    /// <summary>Its place in the request: an index from 0, or a line from 1.</summary>
    public required long Place { get; init; }

    /// <summary>Whether the place is a line.</summary>
    public required bool PlaceIsLine { get; init; }

    /// <summary>Tries that threw.</summary>
    public required int Attempt { get; init; }

    /// <summary>The text of an upsert.</summary>
    public string? Text { get; init; }

    /// <summary>Compact JSON: the metadata of an upsert, or the merge patch.</summary>
    public string? Metadata { get; init; }

    /// <summary>A filter as JSON that the document must fulfil; null for none.</summary>
    public string? Condition { get; init; }

    /// <summary>The revision that the document must have; null for any.</summary>
    public long? IfRevision { get; init; }

    /// <summary>This write as one that didn't go in.</summary>
    public FailedDocument ToFailure(string code, string message) => new()
    {
        Index = PlaceIsLine ? null : checked((int)Place),
        Line = PlaceIsLine ? Place : null,
        Id = DocumentId,
        Code = code,
        Message = message,
    };
}
