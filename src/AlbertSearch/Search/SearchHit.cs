using System.Text.Json;

namespace AlbertSearch.Search;

/// <summary>A document that was found.</summary>
public sealed record SearchHit
{
    /// <summary>The document's id.</summary>
    public required string Id { get; init; }

    /// <summary>The best chunk's dot product with the query: higher is closer, 1 at most.</summary>
    public required float Score { get; init; }

    /// <summary>The text; null when not asked for.</summary>
    public string? Text { get; init; }

    /// <summary>The metadata; null when not asked for or absent.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The best chunk.</summary>
    public required ChunkHit Chunk { get; init; }

    /// <summary>The sentence of the best chunk that is nearest to the query; null when not asked for.</summary>
    public SentenceHit? Sentence { get; init; }

    /// <summary>The best chunk's vector; null when not asked for.</summary>
    public IReadOnlyList<float>? Vector { get; init; }

    /// <summary>All chunks in text order; null when not asked for.</summary>
    public IReadOnlyList<ChunkHit>? Chunks { get; init; }
}
