using System.Buffers;

namespace AlbertSearch.Embeddings.Tokenization.Unicode;

/// <summary>
/// The normalization forms of Unicode Standard Annex 15 over code points that keep their place in the original text.
/// Linear in the length of the text, whatever it holds.
/// </summary>
internal static class UnicodeNormalization
{
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    // Longer runs of combining marks are sorted by counting, so that hostile ones stay linear.
    private const int LongestInsertionSort = 32;

    /// <summary>The full decomposition of a code point: the code point itself when it has none.</summary>
    /// <param name="codePoint">Any code point.</param>
    /// <param name="compatibility">Compatibility mappings too (NFKD); otherwise canonical ones only (NFD).</param>
    /// <param name="scratch">Room for three code points, that the result may lie in.</param>
    public static ReadOnlySpan<int> Decompose(int codePoint, bool compatibility, Span<int> scratch)
    {
        var syllable = codePoint - SyllableBase;
        if ((uint)syllable < SyllableCount)
        {
            scratch[0] = LeadBase + (syllable / (VowelCount * TrailCount));
            scratch[1] = VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount);
            scratch[2] = TrailBase + (syllable % TrailCount);
            return scratch[..(scratch[2] == TrailBase ? 2 : 3)];
        }

        var mapped = compatibility ? UnicodeTables.CompatibilityDecomposition(codePoint) : UnicodeTables.CanonicalDecomposition(codePoint);
        if (!mapped.IsEmpty)
        {
            return mapped;
        }

        scratch[0] = codePoint;
        return scratch[..1];
    }

    /// <summary>Puts each run of combining marks into canonical order. Marks that change places share the origin of their run.</summary>
    public static void OrderCanonically(MappedBuffer<int> text)
    {
        var items = text.Items;
        for (var i = 0; i < items.Length; i++)
        {
            if (UnicodeTables.CombiningClass(items[i]) == 0)
            {
                continue;
            }

            var start = i;
            var ordered = true;
            for (var previous = 0; i < items.Length; i++)
            {
                var combiningClass = UnicodeTables.CombiningClass(items[i]);
                if (combiningClass == 0)
                {
                    break;
                }

                ordered &= combiningClass >= previous;
                previous = combiningClass;
            }

            if (!ordered)
            {
                SortByCombiningClass(items[start..i]);
                text.Starts[start..i].Fill(text.Starts[start]);
                text.Ends[start..i].Fill(text.Ends[i - 1]);
            }
        }
    }

    /// <summary>Composes decomposed, canonically ordered text in place (NFC).</summary>
    public static void Compose(MappedBuffer<int> text)
    {
        var items = text.Items;
        var starts = text.Starts;
        var ends = text.Ends;
        var (written, starter, lastClass) = (0, -1, -1);
        for (var i = 0; i < items.Length; i++)
        {
            var combiningClass = UnicodeTables.CombiningClass(items[i]);
            if (starter >= 0 && lastClass < combiningClass)
            {
                var composite = ComposePair(items[starter], items[i]);
                if (composite >= 0)
                {
                    items[starter] = composite;
                    ends[starter] = Math.Max(ends[starter], ends[i]);
                    continue;
                }
            }

            items[written] = items[i];
            starts[written] = starts[i];
            ends[written] = written > 0 ? Math.Max(ends[i], ends[written - 1]) : ends[i];
            (starter, lastClass) = combiningClass == 0 ? (written, -1) : (starter, combiningClass);
            written++;
        }

        text.Truncate(written);
    }

    private static int ComposePair(int first, int second)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if ((uint)lead < LeadCount && (uint)vowel < VowelCount)
        {
            return SyllableBase + (((lead * VowelCount) + vowel) * TrailCount);
        }

        var syllable = first - SyllableBase;
        var trail = second - TrailBase;
        if ((uint)syllable < SyllableCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
        {
            return first + trail;
        }

        return UnicodeTables.Compose(first, second);
    }

    private static void SortByCombiningClass(Span<int> marks)
    {
        if (marks.Length <= LongestInsertionSort)
        {
            for (var i = 1; i < marks.Length; i++)
            {
                var (mark, j) = (marks[i], i);
                var combiningClass = UnicodeTables.CombiningClass(mark);
                for (; j > 0 && UnicodeTables.CombiningClass(marks[j - 1]) > combiningClass; j--)
                {
                    marks[j] = marks[j - 1];
                }

                marks[j] = mark;
            }

            return;
        }

        Span<int> places = stackalloc int[257];
        places.Clear();
        foreach (var mark in marks)
        {
            places[UnicodeTables.CombiningClass(mark) + 1]++;
        }

        for (var i = 1; i < places.Length; i++)
        {
            places[i] += places[i - 1];
        }

        var rented = ArrayPool<int>.Shared.Rent(marks.Length);
        marks.CopyTo(rented);
        foreach (var mark in rented.AsSpan(0, marks.Length))
        {
            marks[places[UnicodeTables.CombiningClass(mark)]++] = mark;
        }

        ArrayPool<int>.Shared.Return(rented);
    }
}
