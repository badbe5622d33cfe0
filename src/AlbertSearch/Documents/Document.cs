using System.Text.Json;

namespace AlbertSearch.Documents;

/// <summary>A stored document.</summary>
public sealed record Document
{
    /// <summary>Its id, unique in the collection.</summary>
    public required string Id { get; init; }

    /// <summary>The text as it was given.</summary>
    public required string Text { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Grows with every change; the entity tag.</summary>
    public required long Revision { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
