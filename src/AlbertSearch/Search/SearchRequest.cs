using AlbertSearch.Filters;

namespace AlbertSearch.Search;

/// <summary>A search: exactly one of <see cref="Query"/> and <see cref="Vector"/>.</summary>
public sealed record SearchRequest
{
    /// <summary>The text to search for.</summary>
    public string? Query { get; init; }

    /// <summary>The vector to search for: the model's dimension, finite, not zero; normalized on receipt.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>Documents wanted, at least 1.</summary>
    public int K { get; init; } = 10;

    /// <summary>Documents to skip.</summary>
    public int Offset { get; init; }

    /// <summary>Least score of a hit; null for all.</summary>
    public float? MinScore { get; init; }

    /// <summary>What a document's metadata must fulfil; null for all.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Whether a hit is a document or a chunk; <see cref="K"/> and <see cref="Offset"/> count those.</summary>
    public HitGrouping GroupBy { get; init; }

    /// <summary>Width of the graph search; null for the index's default.</summary>
    public int? Ef { get; init; }

    /// <summary>Compare with every vector.</summary>
    public bool Exact { get; init; }

    /// <summary>What hits carry besides id and score.</summary>
    public HitParts Include { get; init; } = HitParts.Text | HitParts.Metadata;
}
