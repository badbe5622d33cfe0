namespace AlbertSearch.Collections;

/// <summary>What a comparison of a collection's documents, chunks, vectors, index and queue has found.</summary>
public sealed record VerificationReport
{
    /// <summary>Whether nothing is off.</summary>
    public bool Ok => Findings.Count == 0;

    /// <summary>Documents that were looked at.</summary>
    public required long Documents { get; init; }

    /// <summary>Chunks that were looked at, of all generations that are building or live.</summary>
    public required long Chunks { get; init; }

    /// <summary>What is off, or was before it was repaired; each kind once.</summary>
    public required IReadOnlyList<VerificationFinding> Findings { get; init; }

    /// <summary>The operation that embeds damaged documents again; null when there is nothing to embed, or no repair was asked for.</summary>
    public string? RepairOperationId { get; init; }
}
