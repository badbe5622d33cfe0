using System.Text.Json;

namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>What <c>tokenizer_config.json</c> says; null where it says nothing.</summary>
internal sealed record TokenizerConfig
{
    private const long MaximumFileBytes = 16 << 20;

    /// <summary><c>tokenizer_class</c>.</summary>
    public string? TokenizerClass { get; private init; }

    /// <summary><c>do_lower_case</c>.</summary>
    public bool? LowerCase { get; private init; }

    /// <summary><c>remove_space</c>; SentencePiece only.</summary>
    public bool? RemoveSpace { get; private init; }

    /// <summary><c>keep_accents</c>; SentencePiece only.</summary>
    public bool? KeepAccents { get; private init; }

    /// <summary><c>strip_accents</c>; WordPiece only.</summary>
    public bool? StripAccents { get; private init; }

    /// <summary><c>tokenize_chinese_chars</c>; WordPiece only.</summary>
    public bool? TokenizeChineseChars { get; private init; }

    /// <summary><c>do_basic_tokenize</c>; WordPiece only.</summary>
    public bool? BasicTokenize { get; private init; }

    /// <summary><c>model_max_length</c>; <see cref="int.MaxValue"/> when it is not given or larger.</summary>
    public int ModelMaxLength { get; private init; } = int.MaxValue;

    /// <summary><c>cls_token</c>.</summary>
    public string? ClsToken { get; private init; }

    /// <summary><c>sep_token</c>.</summary>
    public string? SepToken { get; private init; }

    /// <summary><c>pad_token</c>.</summary>
    public string? PadToken { get; private init; }

    /// <summary><c>unk_token</c>.</summary>
    public string? UnkToken { get; private init; }

    /// <summary><c>mask_token</c>.</summary>
    public string? MaskToken { get; private init; }

    /// <summary>Reads the file; a missing one says nothing.</summary>
    /// <exception cref="ModelFormatException">The file is not JSON, or a property has the wrong type.</exception>
    public static TokenizerConfig Load(string path)
    {
        if (!File.Exists(path))
        {
            return new TokenizerConfig();
        }

        try
        {
            using var document = JsonDocument.Parse(ModelFile.ReadAllBytes(path, MaximumFileBytes));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new ModelFormatException(path, $"it holds a JSON {root.ValueKind}; expected an object.");
            }

            return new TokenizerConfig
            {
                TokenizerClass = Text(path, root, "tokenizer_class"),
                LowerCase = Boolean(path, root, "do_lower_case"),
                RemoveSpace = Boolean(path, root, "remove_space"),
                KeepAccents = Boolean(path, root, "keep_accents"),
                StripAccents = Boolean(path, root, "strip_accents"),
                TokenizeChineseChars = Boolean(path, root, "tokenize_chinese_chars"),
                BasicTokenize = Boolean(path, root, "do_basic_tokenize"),
                ModelMaxLength = Length(path, root, "model_max_length"),
                ClsToken = Text(path, root, "cls_token"),
                SepToken = Text(path, root, "sep_token"),
                PadToken = Text(path, root, "pad_token"),
                UnkToken = Text(path, root, "unk_token"),
                MaskToken = Text(path, root, "mask_token"),
            };
        }
        catch (JsonException exception)
        {
            throw new ModelFormatException(path, $"line {exception.LineNumber + 1}: it is not JSON ({exception.Message})", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A string whose escapes are half a surrogate pair, or whose bytes are not UTF-8.
            throw new ModelFormatException(path, $"a string in it is not Unicode text ({exception.Message})", exception);
        }
    }

    private static bool? Boolean(string path, JsonElement root, string name) => Property(root, name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType(path, name, value, "true or false"),
    };

    // A token is a string, or an object that describes one.
    private static string? Text(string path, JsonElement root, string name)
    {
        if (Property(root, name) is not { } value)
        {
            return null;
        }

        var content = value.ValueKind == JsonValueKind.Object ? Property(value, "content") ?? value : value;
        return content.ValueKind == JsonValueKind.String ? content.GetString() : throw WrongType(path, name, value, "a string, or an object with 'content'");
    }

    // Written as 1e30 where a model has no limit.
    private static int Length(string path, JsonElement root, string name)
    {
        if (Property(root, name) is not { } value)
        {
            return int.MaxValue;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var length) && length >= 1
            ? (int)Math.Min(length, int.MaxValue)
            : throw WrongType(path, name, value, "a number of at least 1");
    }

    private static JsonElement? Property(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static ModelFormatException WrongType(string path, string name, JsonElement value, string expected)
    {
        const int Longest = 64;
        var text = value.GetRawText();
        return new ModelFormatException(path, $"'{name}' is {(text.Length > Longest ? text[..Longest] + "…" : text)}; expected {expected}.");
    }
}
