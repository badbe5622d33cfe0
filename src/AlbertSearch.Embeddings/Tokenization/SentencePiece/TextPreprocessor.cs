using System.Text;
using AlbertSearch.Embeddings.Tokenization.Unicode;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>
/// What <c>AlbertTokenizer</c> does to a text before SentencePiece sees it: paired quotes, compatibility decomposition
/// without combining marks, lower case. White space is the caller's. Immutable.
/// </summary>
/// <param name="lowerCase"><c>do_lower_case</c>.</param>
/// <param name="keepAccents"><c>keep_accents</c>.</param>
internal sealed class TextPreprocessor(bool lowerCase, bool keepAccents)
{
    private const int BlockLength = 1 << 12;
    private const int CapitalDottedI = 0x130;
    private const int CombiningDotAbove = 0x307;
    private const int CapitalSigma = 0x3A3;
    private const int SmallSigma = 0x3C3;
    private const int FinalSigma = 0x3C2;

    /// <summary>
    /// Appends the next block of a word, or of a text whose white space is to stay, as UTF-8. A block has a few thousand
    /// code units, more only where the shape of a sigma depends on what follows.
    /// </summary>
    /// <param name="text">The original text up to the word's end.</param>
    /// <param name="start">First code unit to process.</param>
    /// <param name="afterCased">Whether a cased letter went before the block, as far as sigmas care; false at a word's start. Set for the next block.</param>
    /// <param name="destination">Receives UTF-8 with its places in <paramref name="text"/>.</param>
    /// <returns>One past the last code unit processed.</returns>
    public int AppendBlock(ReadOnlySpan<char> text, int start, ref bool afterCased, MappedBuffer<byte> destination)
    {
        var first = destination.Count;
        var hasCapitalSigma = false;
        var i = start;
        while (i < text.Length && (i - start < BlockLength || hasCapitalSigma))
        {
            var from = i;
            var codePoint = Utf16.Next(text, ref i);
            if (codePoint is '`' or '\'' && i < text.Length && text[i] == codePoint)
            {
                destination.Add((byte)'"', from, ++i);
            }
            else if (!lowerCase)
            {
                Decompose(codePoint, from, i, destination, ref hasCapitalSigma);
            }
            else if (codePoint == CapitalDottedI)
            {
                // The one letter whose lower case has two code points.
                Decompose('i', from, i, destination, ref hasCapitalSigma);
                Decompose(CombiningDotAbove, from, i, destination, ref hasCapitalSigma);
            }
            else
            {
                // The reference lowers each letter by itself before anything else, a sigma at a word's end too.
                Decompose(UnicodeTables.ToLower(codePoint), from, i, destination, ref hasCapitalSigma);
            }
        }

        if (hasCapitalSigma)
        {
            LowerSigmas(destination.Items[first..], afterCased);
        }

        if (i < text.Length)
        {
            afterCased = IsCasedBefore(destination.Items[first..], afterCased);
        }

        return i;
    }

    private void Decompose(int codePoint, int start, int end, MappedBuffer<byte> destination, ref bool hasCapitalSigma)
    {
        if (keepAccents || codePoint < 0x80)
        {
            AddUtf8(codePoint, start, end, destination);
            return;
        }

        Span<int> scratch = stackalloc int[3];
        foreach (var part in UnicodeNormalization.Decompose(codePoint, compatibility: true, scratch))
        {
            // All marks of a class other than 0 go, so their order doesn't matter.
            if (UnicodeTables.CombiningClass(part) != 0)
            {
                ExtendLastCharacter(start, end, destination);
                continue;
            }

            // Letters that only now show are lowered in the context of the whole word, which a sigma needs.
            hasCapitalSigma |= lowerCase && part == CapitalSigma;
            AddUtf8(lowerCase && part != CapitalSigma ? UnicodeTables.ToLower(part) : part, start, end, destination);
        }
    }

    private static void AddUtf8(int codePoint, int start, int end, MappedBuffer<byte> destination)
    {
        if (codePoint < 0x80)
        {
            destination.Add((byte)codePoint, start, end);
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        var length = new Rune(codePoint).EncodeToUtf8(utf8);
        destination.AddRange(utf8[..length], start, end);
    }

    // A mark that is dropped still belongs to its letter's place in the text.
    private static void ExtendLastCharacter(int start, int end, MappedBuffer<byte> destination)
    {
        var items = destination.Items;
        var ends = destination.Ends;
        for (var i = items.Length - 1; i >= 0 && ends[i] >= start; i--)
        {
            ends[i] = end;
            if ((items[i] & 0xC0) != 0x80)
            {
                break;
            }
        }
    }

    // Python's rule: a capital sigma after a cased letter and before none becomes a final one; case-ignorable characters
    // between them don't count. Both small sigmas take as many bytes as the capital.
    private static void LowerSigmas(Span<byte> text, bool afterCased)
    {
        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf8(text[i..], out var rune, out var length);
            if (rune.Value == CapitalSigma)
            {
                var final = IsCasedBefore(text[..i], afterCased) && !IsCasedAfter(text[(i + length)..]);
                new Rune(final ? FinalSigma : SmallSigma).EncodeToUtf8(text[i..]);
            }

            i += length;
        }
    }

    private static bool IsCasedBefore(ReadOnlySpan<byte> text, bool otherwise)
    {
        while (Rune.DecodeLastFromUtf8(text, out var rune, out var length) == System.Buffers.OperationStatus.Done)
        {
            if (!UnicodeTables.Has(rune.Value, CharacterProperties.CaseIgnorable))
            {
                return UnicodeTables.Has(rune.Value, CharacterProperties.Cased);
            }

            text = text[..^length];
        }

        return otherwise;
    }

    private static bool IsCasedAfter(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out var rune, out var length) == System.Buffers.OperationStatus.Done)
        {
            if (!UnicodeTables.Has(rune.Value, CharacterProperties.CaseIgnorable))
            {
                return UnicodeTables.Has(rune.Value, CharacterProperties.Cased);
            }

            text = text[length..];
        }

        return false;
    }
}
