using System.Text.Json;

namespace AlbertSearch.Embeddings.Pooling;

/// <summary>
/// Reads what sentence-transformers writes beside a model: <c>modules.json</c>, <c>1_Pooling/config.json</c> and
/// <c>sentence_bert_config.json</c>, all of them optional. Steps that are not computed here are refused by name.
/// </summary>
internal static class PoolingSettingsReader
{
    private const string ModulesFile = "modules.json";
    private const string PoolingFolder = "1_Pooling";
    private const string ConfigFile = "config.json";
    private const string ModePrefix = "pooling_mode_";
    private const string MeanTokens = "mean_tokens";
    private const string ClsToken = "cls_token";

    // sentence-transformers looks for them in this order.
    private static readonly string[] LengthFiles = ["sentence_bert_config.json", "sentence_albert_config.json"];

    /// <summary>Reads a folder's settings.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="hiddenSize">Width of the encoder's states.</param>
    /// <exception cref="ModelFormatException">A file is damaged or asks for something that is not supported.</exception>
    public static PoolingSettings Read(string folder, int hiddenSize)
    {
        string poolingFolder = ReadModules(folder) ?? PoolingFolder;
        return new PoolingSettings(ReadMode(Path.Combine(folder, poolingFolder, ConfigFile), hiddenSize), ReadMaxLength(folder));
    }

    /// <summary>Checks the chain of modules.</summary>
    /// <returns>The folder of the pooling module, or null when none is named.</returns>
    private static string? ReadModules(string folder)
    {
        using ModelJsonFile? file = ModelJsonFile.ReadIfPresent(Path.Combine(folder, ModulesFile));
        if (file is null)
        {
            return null;
        }

        if (file.Root.ValueKind != JsonValueKind.Array)
        {
            throw new ModelFormatException(file.Path, $"must hold a list of modules, not {ModelJsonObject.Show(file.Root)}.");
        }

        string? poolingFolder = null;
        foreach (JsonElement element in file.Root.EnumerateArray())
        {
            var module = new ModelJsonObject(file.Path, element);
            string type = module.String("type") ?? throw new ModelFormatException(file.Path, "a module has no type.");
            string path = module.String("path") ?? "";
            switch (type[(type.LastIndexOf('.') + 1)..])
            {
                case "Transformer" when path.Length == 0:
                case "Normalize":
                    break;
                case "Transformer":
                    throw new ModelFormatException(file.Path, $"the module {type} lies in the folder '{path}'; only a model in the root of its folder is supported.");
                case "Pooling" when poolingFolder is not null:
                    throw new ModelFormatException(file.Path, $"has more than one {type} module; one is supported.");
                case "Pooling" when IsPlainName(path):
                    poolingFolder = path;
                    break;
                case "Pooling":
                    throw new ModelFormatException(file.Path, $"the module {type} has the path '{path}'; the name of a folder inside the model folder is needed.");
                default:
                    throw new ModelFormatException(file.Path, $"the module {type} is not supported; Transformer, Pooling and Normalize are.");
            }
        }

        return poolingFolder;
    }

    private static PoolingMode? ReadMode(string path, int hiddenSize)
    {
        using ModelJsonFile? file = ModelJsonFile.ReadIfPresent(path);
        if (file is null)
        {
            return null;
        }

        ModelJsonObject fields = file.RootObject();
        foreach (string name in (ReadOnlySpan<string>)["word_embedding_dimension", "embedding_dimension"])
        {
            if (fields.TryGet(name, out JsonElement dimension) && (dimension.ValueKind != JsonValueKind.Number || !dimension.TryGetInt32(out int size) || size != hiddenSize))
            {
                throw fields.Refuse(name, dimension, $"the encoder's hidden_size, {hiddenSize}");
            }
        }

        return fields.TryGet("pooling_mode", out JsonElement mode) ? ModeOfName(fields, mode) : ModeOfFlags(fields, file);
    }

    /// <summary>The form of newer versions: one name.</summary>
    private static PoolingMode ModeOfName(ModelJsonObject fields, JsonElement value) => fields.StringOf("pooling_mode", value) switch
    {
        "mean" => PoolingMode.Mean,
        "cls" => PoolingMode.Cls,
        _ => throw fields.Refuse("pooling_mode", value, "\"mean\" or \"cls\": other poolings are not supported"),
    };

    /// <summary>The form of older versions: a flag a mode. Several set would make a longer vector of several poolings.</summary>
    private static PoolingMode ModeOfFlags(ModelJsonObject fields, ModelJsonFile file)
    {
        bool named = false;
        var set = new List<string>();
        foreach (JsonProperty property in file.Root.EnumerateObject())
        {
            if (property.Name.StartsWith(ModePrefix, StringComparison.Ordinal))
            {
                named = true;
                if (fields.Boolean(property.Name, absent: false))
                {
                    set.Add(property.Name[ModePrefix.Length..]);
                }
            }
        }

        if (!named)
        {
            return PoolingMode.Mean;
        }

        return set switch
        {
            [MeanTokens] => PoolingMode.Mean,
            [ClsToken] => PoolingMode.Cls,
            [] => throw new ModelFormatException(file.Path, $"all flags {ModePrefix}… are false; {ModePrefix}{MeanTokens} or {ModePrefix}{ClsToken} must be true."),
            _ => throw new ModelFormatException(file.Path, $"asks for the pooling {string.Join(" + ", set.Select(mode => ModePrefix + mode))}; exactly one of {ModePrefix}{MeanTokens} and {ModePrefix}{ClsToken} is supported."),
        };
    }

    private static int? ReadMaxLength(string folder)
    {
        foreach (string name in LengthFiles)
        {
            using ModelJsonFile? file = ModelJsonFile.ReadIfPresent(Path.Combine(folder, name));
            if (file is not null)
            {
                return file.RootObject().OptionalInt32("max_seq_length", 1, int.MaxValue);
            }
        }

        return null;
    }

    private static bool IsPlainName(string path) =>
        path.Length > 0 && path is not ("." or "..") && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
