using System.Text.Json.Nodes;

namespace AlbertSearch.Documents;

/// <summary>JSON merge patch (RFC 7396): members of the patch replace those of the target, null removes them, objects merge.</summary>
public static class MergePatch
{
    /// <summary>Merges a patch into metadata.</summary>
    /// <param name="metadata">Compact JSON of an object; null for none.</param>
    /// <param name="patch">JSON of an object.</param>
    /// <returns>Compact JSON of an object.</returns>
    public static string Apply(string? metadata, string patch)
    {
        var target = metadata is null ? [] : JsonNode.Parse(metadata)!.AsObject();
        return Merge(target, JsonNode.Parse(patch)!.AsObject()).ToJsonString(MetadataJson.Options);
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject members:
                    // Detached first: a node has one parent.
                    var old = target[name] as JsonObject;
                    target.Remove(name);
                    target[name] = Merge(old ?? [], members);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }

        return target;
    }
}
