namespace AlbertSearch.Storage;

/// <summary>One set of vectors of a collection: what made them and whether it is searched. Vectors of two generations are never compared.</summary>
public sealed record Generation
{
    /// <summary>Names it inside the storage.</summary>
    public required long Key { get; init; }

    /// <summary>The collection that it belongs to.</summary>
    public required long Collection { get; init; }

    /// <summary>How far it is.</summary>
    public required GenerationState State { get; init; }

    /// <summary>What made its vectors.</summary>
    public required GenerationSettings Settings { get; init; }

    /// <summary>Chunks that it holds.</summary>
    public required long Chunks { get; init; }
}
