namespace AlbertSearch.Embeddings.Tokenization.Unicode;

/// <summary>Reads code points out of UTF-16.</summary>
internal static class Utf16
{
    /// <summary>What stands for a lone surrogate.</summary>
    public const int ReplacementCharacter = 0xFFFD;

    /// <summary>The code point at <paramref name="index"/>, and the index after it. A lone surrogate reads as U+FFFD.</summary>
    public static int Next(ReadOnlySpan<char> text, ref int index)
    {
        var first = text[index++];
        if (!char.IsSurrogate(first))
        {
            return first;
        }

        if (char.IsHighSurrogate(first) && index < text.Length && char.IsLowSurrogate(text[index]))
        {
            return char.ConvertToUtf32(first, text[index++]);
        }

        return ReplacementCharacter;
    }
}
