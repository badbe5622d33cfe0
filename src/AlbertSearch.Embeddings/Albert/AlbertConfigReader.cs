using System.Globalization;
using System.Text.Json;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// Reads the computing fields of a Hugging Face <c>config.json</c>. A field that is absent has the value that Hugging Face's
/// <c>AlbertConfig</c> gives it; a field that would change the computation in a way that is not supported is refused by name.
/// </summary>
internal static class AlbertConfigReader
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "config.json";

    private const int MaxVocabulary = 1 << 24;
    private const int MaxWidth = 1 << 16;
    private const int MaxPositions = 1 << 20;
    private const int MaxLayers = 1024;
    private const int MaxLabels = 100_000;

    /// <summary>Labels of a head whose config names none.</summary>
    private const int DefaultLabels = 2;

    // A tensor is one block of memory, whose bytes are counted by an int.
    private const long MaxTensorElements = int.MaxValue / sizeof(float);

    /// <summary>Reads a folder's <c>config.json</c>.</summary>
    /// <exception cref="ModelFormatException">It is missing, no JSON, no ALBERT's, or a field is out of range or not supported.</exception>
    public static AlbertConfig Read(string folder)
    {
        using ModelJsonFile file = ModelJsonFile.Read(Path.Combine(folder, FileName));
        ModelJsonObject fields = file.RootObject();
        RefuseUnsupported(fields, file.Path);

        ClassificationTask task = ReadTask(fields);
        var config = new AlbertConfig
        {
            VocabularySize = fields.Int32("vocab_size", 30_000, 1, MaxVocabulary),
            EmbeddingSize = fields.Int32("embedding_size", 128, 1, MaxWidth),
            HiddenSize = fields.Int32("hidden_size", 4096, 1, MaxWidth),
            HiddenLayers = fields.Int32("num_hidden_layers", 12, 1, MaxLayers),
            HiddenGroups = fields.Int32("num_hidden_groups", 1, 1, MaxLayers),
            InnerGroupLayers = fields.Int32("inner_group_num", 1, 1, MaxLayers),
            AttentionHeads = fields.Int32("num_attention_heads", 64, 1, MaxWidth),
            IntermediateSize = fields.Int32("intermediate_size", 16_384, 1, MaxWidth),
            MaxPositions = fields.Int32("max_position_embeddings", 512, 1, MaxPositions),
            TypeVocabularySize = fields.Int32("type_vocab_size", 2, 1, MaxWidth),
            LayerNormEpsilon = fields.PositiveSingle("layer_norm_eps", 1e-12f, 1),
            Activation = ReadActivation(fields),
            Task = task,
            Labels = task == ClassificationTask.None ? [] : ReadLabels(fields, file.Path),
        };
        CheckTogether(config, file.Path);
        return config;
    }

    private static void RefuseUnsupported(ModelJsonObject fields, string path)
    {
        if (!fields.TryGet("model_type", out JsonElement modelType))
        {
            throw new ModelFormatException(path, "model_type is missing; it must be \"albert\".");
        }

        if (fields.StringOf("model_type", modelType) != "albert")
        {
            throw fields.Refuse("model_type", modelType, "\"albert\"");
        }

        if (fields.TryGet("position_embedding_type", out JsonElement positions) && fields.StringOf("position_embedding_type", positions) != "absolute")
        {
            throw fields.Refuse("position_embedding_type", positions, "\"absolute\" or absent");
        }

        if (fields.TryGet("pruned_heads", out JsonElement pruned) && (pruned.ValueKind != JsonValueKind.Object || pruned.EnumerateObject().Any()))
        {
            throw fields.Refuse("pruned_heads", pruned, "empty or absent: pruned models are not supported");
        }
    }

    private static HiddenActivation ReadActivation(ModelJsonObject fields)
    {
        if (!fields.TryGet("hidden_act", out JsonElement value))
        {
            return HiddenActivation.GeluTanh;
        }

        return fields.StringOf("hidden_act", value) switch
        {
            "gelu" => HiddenActivation.Gelu,
            "gelu_new" or "gelu_pytorch_tanh" => HiddenActivation.GeluTanh,
            "relu" => HiddenActivation.Relu,
            _ => throw fields.Refuse("hidden_act", value, "gelu, gelu_new, gelu_pytorch_tanh or relu"),
        };
    }

    private static ClassificationTask ReadTask(ModelJsonObject fields)
    {
        var task = ClassificationTask.None;
        foreach (JsonElement architecture in fields.List("architectures"))
        {
            task = fields.StringOf("architectures", architecture) switch
            {
                "AlbertForSequenceClassification" => ClassificationTask.Sequence,
                "AlbertForTokenClassification" => ClassificationTask.Token,
                _ => task,
            };
        }

        return task;
    }

    private static string[] ReadLabels(ModelJsonObject fields, string path)
    {
        if (!fields.TryGet("id2label", out JsonElement map))
        {
            int count = fields.Int32("num_labels", DefaultLabels, 1, MaxLabels);
            return [.. Enumerable.Range(0, count).Select(id => string.Create(CultureInfo.InvariantCulture, $"LABEL_{id}"))];
        }

        if (map.ValueKind != JsonValueKind.Object)
        {
            throw fields.Refuse("id2label", map, "an object of ids and labels");
        }

        int labels = map.GetPropertyCount();
        if (labels is 0 or > MaxLabels)
        {
            throw new ModelFormatException(path, $"id2label has {labels} labels; 1 to {MaxLabels} are allowed.");
        }

        // No id comes twice and none is out of range, so all are there.
        string[] names = new string[labels];
        foreach (JsonProperty property in map.EnumerateObject())
        {
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id >= labels || names[id] is not null)
            {
                throw new ModelFormatException(path, $"id2label has the id \"{property.Name}\" among {labels} labels; the ids must be 0 to {labels - 1}, each once.");
            }

            names[id] = fields.StringOf($"id2label[{id}]", property.Value);
        }

        return names;
    }

    private static void CheckTogether(AlbertConfig config, string path)
    {
        if (config.HiddenSize % config.AttentionHeads != 0)
        {
            throw new ModelFormatException(path, $"num_attention_heads is {config.AttentionHeads}; it must divide hidden_size, which is {config.HiddenSize}.");
        }

        if (config.HiddenGroups > config.HiddenLayers)
        {
            throw new ModelFormatException(path, $"num_hidden_groups is {config.HiddenGroups}; it must be at most num_hidden_layers, which is {config.HiddenLayers}.");
        }

        CheckProduct(path, "vocab_size", config.VocabularySize, "embedding_size", config.EmbeddingSize);
        CheckProduct(path, "max_position_embeddings", config.MaxPositions, "embedding_size", config.EmbeddingSize);
        CheckProduct(path, "max_position_embeddings", config.MaxPositions, "hidden_size", config.HiddenSize);
        CheckProduct(path, "hidden_size", config.HiddenSize, "hidden_size", config.HiddenSize);
        CheckProduct(path, "hidden_size", config.HiddenSize, "intermediate_size", config.IntermediateSize);
        CheckProduct(path, "type_vocab_size", config.TypeVocabularySize, "embedding_size", config.EmbeddingSize);
        CheckProduct(path, "embedding_size", config.EmbeddingSize, "hidden_size", config.HiddenSize);
        CheckProduct(path, "id2label", config.Labels.Count, "hidden_size", config.HiddenSize);
    }

    private static void CheckProduct(string path, string first, int firstValue, string second, int secondValue)
    {
        if ((long)firstValue * secondValue > MaxTensorElements)
        {
            throw new ModelFormatException(path, $"{first} ({firstValue}) times {second} ({secondValue}) must be at most {MaxTensorElements}.");
        }
    }
}
