using System.Text.Json;

namespace AlbertSearch.Documents;

/// <summary>A document as a caller gives it.</summary>
public sealed record DocumentInput
{
    /// <summary>Its id, unique in the collection; null to make one from the content.</summary>
    public string? Id { get; init; }

    /// <summary>What is searched.</summary>
    public required string Text { get; init; }

    /// <summary>A JSON object, kept as it is; null for none.</summary>
    public JsonElement? Metadata { get; init; }
}
