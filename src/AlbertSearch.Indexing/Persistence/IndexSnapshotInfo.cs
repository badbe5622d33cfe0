namespace AlbertSearch.Indexing.Persistence;

/// <summary>What an index file says about itself and about where it belongs.</summary>
public sealed record IndexSnapshotInfo
{
    /// <summary>Longest <see cref="ModelIdentity"/>, in bytes of UTF-8.</summary>
    public const int MaxModelIdentityBytes = 256;

    /// <summary>Names the snapshot: random, say, so that its owner knows it again. Opaque to the index.</summary>
    public Guid Id { get; init; }

    /// <summary>Identity of the model that made the vectors: up to 256 bytes of UTF-8. Vectors of two models don't mix.</summary>
    public required string ModelIdentity { get; init; }

    /// <summary>Sequence number up to which changes are in the index; those after it are to be applied again. Opaque to the index.</summary>
    public required long AppliedSequence { get; init; }
}
