using System.Text.Json;

namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>PATCH /documents/{id}</c>: a merge patch (RFC 7396) of the document, of which the metadata can be changed.</summary>
/// <param name="Metadata">The changes: values to set, and nulls to remove.</param>
internal sealed record PatchBody(JsonElement Metadata)
{
    /// <summary>The media type of merge patches; <c>application/json</c> is taken, too.</summary>
    public const string MediaType = "application/merge-patch+json";

    private static readonly KnownProperties Properties = new(["metadata"], notSupported: ["id", "text"]);

    /// <summary>Reads a body.</summary>
    public static PatchBody Parse(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        JsonElement metadata = default;
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out _))
        {
            metadata = json.ReadObject(limits.MetadataBytes, limits.MetadataDepth, "Metadata");
        }

        json.Require(Properties, seen, "metadata");
        json.End();
        return new PatchBody(metadata);
    }
}
