using System.Text.Json;
using AlbertSearch.Documents;

namespace AlbertSearch.Server.Responses;

/// <summary>A stored document.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its text as it was given.</param>
/// <param name="Metadata">A JSON object, or null.</param>
/// <param name="Revision">Grows with every change; the entity tag.</param>
/// <param name="UpdatedAt">When it last changed.</param>
internal sealed record DocumentResponse(string Id, string Text, JsonElement? Metadata, long Revision, DateTimeOffset UpdatedAt)
{
    /// <summary>Describes a document.</summary>
    public static DocumentResponse Of(Document document) => new(document.Id, document.Text, document.Metadata, document.Revision, document.UpdatedAt);
}
