using AlbertSearch.Filters;
using AlbertSearch.Storage;

namespace AlbertSearch.Search;

/// <summary>A validated search in one generation.</summary>
public sealed record ChunkQuery
{
    /// <summary>The generation to search.</summary>
    public required Generation Generation { get; init; }

    /// <summary>The generation's dimension of floats, norm 1.</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>Documents wanted.</summary>
    public required int K { get; init; }

    /// <summary>Documents to skip.</summary>
    public int Offset { get; init; }

    /// <summary>Least score; null for all.</summary>
    public float? MinScore { get; init; }

    /// <summary>What a document's metadata must fulfil; null for all.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Whether a hit is a document or a chunk.</summary>
    public HitGrouping GroupBy { get; init; }

    /// <summary>Width of the graph search; null for the index's default.</summary>
    public int? Ef { get; init; }

    /// <summary>Compare with every vector.</summary>
    public bool Exact { get; init; }

    /// <summary>What hits carry.</summary>
    public HitParts Include { get; init; }
}
