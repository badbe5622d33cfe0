using AlbertSearch.Collections;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;

namespace AlbertSearch.Server.Requests;

/// <summary>Reads the body of <c>PUT /collections/{name}</c>: the collection's settings. No body means the configuration's.</summary>
internal static class CollectionBody
{
    private static readonly KnownProperties Properties = new(["model", "pooling", "chunking", "index"]);
    private static readonly KnownProperties ChunkingProperties = new(["enabled", "maxTokens", "overlapTokens"]);
    private static readonly KnownProperties IndexProperties = new(["kind", "m", "efConstruction", "ef", "exactBelow"]);

    /// <summary>Reads a body.</summary>
    public static CollectionSettings Parse(ReadOnlySpan<byte> utf8)
    {
        var settings = new CollectionSettings();
        if (utf8.IsEmpty)
        {
            return settings;
        }

        var json = new StrictJsonReader(utf8);
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            if (json.IsNull)
            {
                continue;
            }

            settings = name switch
            {
                "model" => settings with { Model = json.ReadString() },
                "pooling" => settings with { Pooling = ReadPooling(json) },
                "chunking" => settings with { Chunking = ReadChunking(ref json) },
                _ => settings with { Index = ReadIndex(ref json) },
            };
        }

        json.End();
        return settings;
    }

    private static PoolingMode ReadPooling(in StrictJsonReader json) => json.ReadString() switch
    {
        "pooler" => PoolingMode.Pooler,
        "mean" => PoolingMode.Mean,
        "cls" => PoolingMode.Cls,
        var other => throw json.Fault(ErrorCodes.InvalidValue, $"must be pooler, mean or cls, but is '{other}'"),
    };

    private static ChunkingOptions ReadChunking(ref StrictJsonReader json)
    {
        var chunking = new ChunkingOptions();
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(ChunkingProperties, ref seen, out var name))
        {
            switch (name)
            {
                case "enabled":
                    chunking.Enabled = json.ReadBoolean();
                    break;
                case "maxTokens":
                    chunking.MaxTokens = json.ReadInt32();
                    break;
                default:
                    chunking.OverlapTokens = json.ReadInt32();
                    break;
            }
        }

        return chunking;
    }

    private static IndexSettings ReadIndex(ref StrictJsonReader json)
    {
        var index = new IndexSettings();
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(IndexProperties, ref seen, out var name))
        {
            if (json.IsNull)
            {
                continue;
            }

            index = name switch
            {
                "kind" => index with { Kind = json.ReadString() },
                "m" => index with { M = json.ReadInt32() },
                "efConstruction" => index with { EfConstruction = json.ReadInt32() },
                "ef" => index with { Ef = json.ReadInt32() },
                _ => index with { ExactBelow = json.ReadInt32() },
            };
        }

        return index;
    }
}
