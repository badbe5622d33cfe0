using System.Text.Json;
using System.Text.Json.Serialization;
using AlbertSearch.Search;

namespace AlbertSearch.Server.Responses;

/// <summary>A document that was found. Parts that were not asked for are absent.</summary>
internal sealed record HitResponse
{
    private static readonly JsonElement Null = JsonElement.Parse("null");

    /// <summary>The document's id.</summary>
    public required string Id { get; init; }

    /// <summary>The best chunk's dot product with the query: higher is closer, 1 at most.</summary>
    public required float Score { get; init; }

    /// <summary>The text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>The metadata; null when the document has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Metadata { get; init; }

    /// <summary>The best chunk.</summary>
    public required ChunkPart Chunk { get; init; }

    /// <summary>The best chunk's vector.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<float>? Vector { get; init; }

    /// <summary>All chunks in the order of the text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ScoredChunkPart>? Chunks { get; init; }

    /// <summary>The sentence of the best chunk that is nearest to the query, of its first 32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SentencePart? Sentence { get; init; }

    /// <summary>Describes a hit.</summary>
    /// <param name="hit">The hit.</param>
    /// <param name="include">The parts that were asked for.</param>
    public static HitResponse Of(SearchHit hit, HitParts include) => new()
    {
        Id = hit.Id,
        Score = hit.Score,
        Text = hit.Text,
        Metadata = include.HasFlag(HitParts.Metadata) ? hit.Metadata ?? Null : null,
        Chunk = new ChunkPart(hit.Chunk.Start, hit.Chunk.End),
        Vector = hit.Vector,
        Sentence = hit.Sentence is { } sentence ? new SentencePart(sentence.Start, sentence.End, sentence.Text, sentence.Score) : null,
        Chunks = hit.Chunks is null ? null : [.. hit.Chunks.Select(chunk => new ScoredChunkPart(chunk.Start, chunk.End, chunk.Score))],
    };

    /// <summary>A part of the text, in UTF-16 code units.</summary>
    /// <param name="Start">First code unit.</param>
    /// <param name="End">One past the last code unit.</param>
    internal readonly record struct ChunkPart(int Start, int End);

    /// <summary>A part of the text with its score.</summary>
    /// <param name="Start">First code unit.</param>
    /// <param name="End">One past the last code unit.</param>
    /// <param name="Score">Its dot product with the query.</param>
    internal readonly record struct ScoredChunkPart(int Start, int End, float Score);

    /// <summary>A sentence with its score.</summary>
    /// <param name="Start">First code unit in the document's text.</param>
    /// <param name="End">One past the last code unit.</param>
    /// <param name="Text">The sentence.</param>
    /// <param name="Score">Its dot product with the query.</param>
    internal readonly record struct SentencePart(int Start, int End, string Text, float Score);
}
