namespace AlbertSearch.Storage;

/// <summary>A write to one document that is to be queued.</summary>
public sealed record NewWrite
{
    /// <summary>What it does.</summary>
    public required WriteKind Kind { get; init; }

    /// <summary>The document's id.</summary>
    public required string DocumentId { get; init; }

    /// <summary>Its place in the request: an index from 0, or a line from 1.</summary>
    public required long Place { get; init; }

    /// <summary>The text of an upsert.</summary>
    public string? Text { get; init; }

    /// <summary>Compact JSON: the metadata of an upsert, or the merge patch.</summary>
    public string? Metadata { get; init; }

    /// <summary>A filter as JSON that the document must fulfil when its turn has come; null for none.</summary>
    public string? Condition { get; init; }

    /// <summary>The revision that the document must have; null for any.</summary>
    public long? IfRevision { get; init; }
}
