using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Embeddings;

/// <summary>
/// A model's identity: SHA-256 over a description of everything that changes a search vector, a line a fact, and of nothing else that
/// is known not to. Equal identities mean vectors that may be compared; names, paths, labels and the layout of JSON don't count.
/// </summary>
internal static class ModelIdentity
{
    private const string Version = "albertsearch model identity 1";
    private const string Precision = "F32";
    private const string Normalization = "L2";
    private const string TokenizerConfigFile = "tokenizer_config.json";

    private static readonly string[] VocabularyFiles = ["spiece.model", "vocab.txt"];

    // They name, pad or limit, and the limit in force has a line of its own. Every other field may be a flag that changes tokens.
    private static readonly string[] IgnoredTokenizerFields =
        ["model_max_length", "max_length", "padding_side", "pad_to_multiple_of", "padding", "name_or_path", "tokenizer_file", "special_tokens_map_file", "vocab_file", "transformers_version", "clean_up_tokenization_spaces"];

    /// <summary>The identity of a model folder as it is used.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="ModelFormatException">A tokenizer file can't be read.</exception>
    public static string Compute(string folder, AlbertCheckpoint checkpoint, PoolingMode pooling, int maxTokens) =>
        Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Describe(folder, checkpoint, pooling, maxTokens))));

    private static string Describe(string folder, AlbertCheckpoint checkpoint, PoolingMode pooling, int maxTokens)
    {
        AlbertConfig config = checkpoint.Weights.Config;
        var description = new StringBuilder(Version).Append('\n');
        Line(description, "vocab_size", config.VocabularySize);
        Line(description, "embedding_size", config.EmbeddingSize);
        Line(description, "hidden_size", config.HiddenSize);
        Line(description, "num_hidden_layers", config.HiddenLayers);
        Line(description, "num_hidden_groups", config.HiddenGroups);
        Line(description, "inner_group_num", config.InnerGroupLayers);
        Line(description, "num_attention_heads", config.AttentionHeads);
        Line(description, "intermediate_size", config.IntermediateSize);
        Line(description, "max_position_embeddings", config.MaxPositions);
        Line(description, "type_vocab_size", config.TypeVocabularySize);
        Line(description, "hidden_act", config.Activation);
        Line(description, "layer_norm_eps", config.LayerNormEpsilon);
        Line(description, "weights", Hex(checkpoint.ComputeWeightsHash()));
        foreach (string name in VocabularyFiles)
        {
            Line(description, name, HashIfPresent(Path.Combine(folder, name)));
        }

        Line(description, TokenizerConfigFile, HashTokenizerConfig(Path.Combine(folder, TokenizerConfigFile)));
        Line(description, "pooling", pooling);
        Line(description, "normalization", Normalization);
        Line(description, "max_tokens", maxTokens);
        Line(description, "precision", Precision);
        return description.ToString();
    }

    private static void Line<T>(StringBuilder description, string name, T value) =>
        description.Append(CultureInfo.InvariantCulture, $"{name}={value}\n");

    private static string HashIfPresent(string path)
    {
        if (!File.Exists(path))
        {
            return "absent";
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return Hex(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, $"can't be read: {e.Message}", e);
        }
    }

    private static string HashTokenizerConfig(string path)
    {
        using ModelJsonFile? file = ModelJsonFile.ReadIfPresent(path);
        if (file is null)
        {
            return "absent";
        }

        var canonical = new StringBuilder();
        Canonicalize(canonical, file.Root, file.Root.ValueKind == JsonValueKind.Object ? IgnoredTokenizerFields : []);
        return Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
    }

    /// <summary>Writes JSON without white space and with properties in ordinal order.</summary>
    private static void Canonicalize(StringBuilder destination, JsonElement element, string[] ignored)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                destination.Append('{');
                foreach (JsonProperty property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    if (!ignored.Contains(property.Name))
                    {
                        destination.Append('"').Append(JsonEncodedText.Encode(property.Name)).Append("\":");
                        Canonicalize(destination, property.Value, []);
                        destination.Append(',');
                    }
                }

                destination.Append('}');
                break;
            case JsonValueKind.Array:
                destination.Append('[');
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Canonicalize(destination, item, []);
                    destination.Append(',');
                }

                destination.Append(']');
                break;
            default:
                destination.Append(element.GetRawText());
                break;
        }
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
