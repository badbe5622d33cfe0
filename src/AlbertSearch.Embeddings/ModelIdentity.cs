using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings;

/// <summary>
/// A model's identity: SHA-256 over a description of everything that changes a search vector, a line a fact, and of nothing else that
/// is known not to. Equal identities mean vectors that may be compared; names, paths, labels and the layout of JSON don't count.
/// </summary>
internal static class ModelIdentity
{
    private const string Version = "albertsearch model identity 1";
    private const string Normalization = "L2";
    private const string TokenizerConfigFile = "tokenizer_config.json";

    private static readonly string[] VocabularyFiles = ["spiece.model", "vocab.txt"];

    /// <summary>The identity of a model folder as it is used.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="ModelFormatException">A tokenizer file can't be read.</exception>
    public static string Compute(string folder, AlbertCheckpoint checkpoint, PoolingMode pooling, int maxTokens, Precision precision) =>
        Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Describe(folder, checkpoint, pooling, maxTokens, precision))));

    private static string Describe(string folder, AlbertCheckpoint checkpoint, PoolingMode pooling, int maxTokens, Precision precision)
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

        DescribeTokenizer(description, TokenizerConfig.Load(Path.Combine(folder, TokenizerConfigFile)));
        Line(description, "pooling", pooling);
        Line(description, "normalization", Normalization);
        Line(description, "max_tokens", maxTokens);
        Line(description, "precision", precision == Precision.Int8 ? "I7" : "F32");
        return description.ToString();
    }

    /// <summary>All that a tokenizer reads but its maximum length: the one in force has a line of its own.</summary>
    private static void DescribeTokenizer(StringBuilder description, TokenizerConfig tokenizer)
    {
        Line(description, "tokenizer_class", Quote(tokenizer.TokenizerClass));
        Line(description, "do_lower_case", tokenizer.LowerCase);
        Line(description, "remove_space", tokenizer.RemoveSpace);
        Line(description, "keep_accents", tokenizer.KeepAccents);
        Line(description, "strip_accents", tokenizer.StripAccents);
        Line(description, "tokenize_chinese_chars", tokenizer.TokenizeChineseChars);
        Line(description, "do_basic_tokenize", tokenizer.BasicTokenize);
        Line(description, "cls_token", Quote(tokenizer.ClsToken));
        Line(description, "sep_token", Quote(tokenizer.SepToken));
        Line(description, "pad_token", Quote(tokenizer.PadToken));
        Line(description, "unk_token", Quote(tokenizer.UnkToken));
        Line(description, "mask_token", Quote(tokenizer.MaskToken));
    }

    /// <summary>A string that can't be taken for an absent one or for the next line.</summary>
    private static string? Quote(string? value) => value is null ? null : $"\"{JsonEncodedText.Encode(value)}\"";

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

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
