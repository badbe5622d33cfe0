using AlbertSearch.Embeddings.Tokenization.Unicode;

namespace AlbertSearch.Embeddings.Tokenization.WordPiece;

/// <summary>
/// The first half of BERT's tokenizer: drops control characters, parts a text at white space and around CJK ideographs,
/// and normalizes what lies between. Immutable.
/// </summary>
/// <param name="lowerCase"><c>do_lower_case</c>.</param>
/// <param name="stripAccents"><c>strip_accents</c>; null means as <paramref name="lowerCase"/> does.</param>
/// <param name="splitIdeographs"><c>tokenize_chinese_chars</c>.</param>
internal sealed class BasicTokenizer(bool lowerCase, bool? stripAccents, bool splitIdeographs)
{
    private const int BlockLength = 1 << 12;
    private const int CapitalDottedI = 0x130;
    private const int CombiningDotAbove = 0x307;

    private readonly bool _stripsAccents = stripAccents ?? lowerCase;

    /// <summary>
    /// Reads the next chunk into <see cref="WordPieceScratch.Chunk"/>: normalized code points without white space. A long
    /// chunk comes in blocks that are normalized alone.
    /// </summary>
    /// <param name="text">The whole text.</param>
    /// <param name="index">Where to read on; set to where the next chunk begins.</param>
    /// <param name="scratch">Receives the chunk, which may be empty.</param>
    /// <returns>True when the chunk goes on after this block.</returns>
    public bool ReadChunk(ReadOnlySpan<char> text, ref int index, WordPieceScratch scratch)
    {
        var chunk = scratch.Chunk;
        chunk.Truncate(0);
        var isAscii = true;
        var goesOn = false;
        while (index < text.Length)
        {
            var start = index;
            var codePoint = Utf16.Next(text, ref index);
            var properties = UnicodeTables.Properties(codePoint);
            var isControl = (properties & CharacterProperties.Other) != 0 && codePoint is not ('\t' or '\n' or '\r');
            if (isControl || codePoint == Utf16.ReplacementCharacter)
            {
                // Goes without parting words; so does white space that is a control character, such as U+0085.
                continue;
            }

            if ((properties & CharacterProperties.WhiteSpace) != 0)
            {
                break;
            }

            var isIdeograph = splitIdeographs && IsIdeograph(codePoint);
            if (chunk.Count > 0 && (isIdeograph || (chunk.Count >= BlockLength && IsBoundary(codePoint, properties))))
            {
                goesOn = !isIdeograph;
                index = start;
                break;
            }

            isAscii &= codePoint < 0x80;
            AddLowered(codePoint, start, index, chunk);
            if (isIdeograph)
            {
                break;
            }
        }

        if (!isAscii)
        {
            Normalize(scratch);
        }

        return goesOn;
    }

    /// <summary>True for what BERT parts words at: ASCII symbols, and the categories P*.</summary>
    public static bool IsPunctuation(int codePoint) => codePoint < 0x80
        ? codePoint is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : UnicodeTables.Has(codePoint, CharacterProperties.Punctuation);

    // Normalization never reaches over such a character, nor does a mark that is dropped belong to the letter before it.
    private static bool IsBoundary(int codePoint, CharacterProperties properties) =>
        (properties & (CharacterProperties.MayCompose | CharacterProperties.NonspacingMark)) == 0 && UnicodeTables.CombiningClass(codePoint) == 0;

    // The reference lowers each letter by itself before anything else, so that the rule for final sigmas never applies.
    private void AddLowered(int codePoint, int start, int end, MappedBuffer<int> chunk)
    {
        if (lowerCase && codePoint == CapitalDottedI)
        {
            chunk.Add('i', start, end);
            chunk.Add(CombiningDotAbove, start, end);
        }
        else
        {
            chunk.Add(lowerCase ? UnicodeTables.ToLower(codePoint) : codePoint, start, end);
        }
    }

    private void Normalize(WordPieceScratch scratch)
    {
        var (chunk, decomposed) = (scratch.Chunk, scratch.Decomposed);
        Decompose(chunk, decomposed);
        chunk.Truncate(0);
        if (!_stripsAccents)
        {
            UnicodeNormalization.Compose(decomposed);
            chunk.Append(decomposed);
            return;
        }

        // The reference composes, lowers again and decomposes; the letters are lowered already, so this is the same.
        for (var i = 0; i < decomposed.Count; i++)
        {
            var codePoint = decomposed.Items[i];
            var end = decomposed.Ends[i];
            if (!UnicodeTables.Has(codePoint, CharacterProperties.NonspacingMark))
            {
                chunk.Add(codePoint, decomposed.Starts[i], end);
            }
            else if (chunk.Count > 0)
            {
                // A mark that is dropped still belongs to its letter's place in the text.
                chunk.Ends[^1] = end;
            }
        }
    }

    private static void Decompose(MappedBuffer<int> chunk, MappedBuffer<int> decomposed)
    {
        decomposed.Truncate(0);
        Span<int> scratch = stackalloc int[3];
        for (var i = 0; i < chunk.Count; i++)
        {
            decomposed.AddRange(UnicodeNormalization.Decompose(chunk.Items[i], compatibility: false, scratch), chunk.Starts[i], chunk.Ends[i]);
        }

        UnicodeNormalization.OrderCanonically(decomposed);
    }

    // The blocks of the reference's _is_chinese_char.
    private static bool IsIdeograph(int codePoint) => codePoint
        is (>= 0x4E00 and <= 0x9FFF)
        or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B820 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);
}
