namespace AlbertSearch.Ingestion;

/// <summary>Finds where a text may be cut: at the end of a paragraph, else of a sentence, else of a word, else between two characters.</summary>
public static class TextEdges
{
    // A bound, so that a text of nothing but brackets costs linear time too.
    private const int MostClosers = 4;

    /// <summary>The best place to end a chunk: the latest edge of the best kind.</summary>
    /// <param name="text">The text.</param>
    /// <param name="least">The chunk ends after this position.</param>
    /// <param name="most">The chunk ends here at the latest.</param>
    /// <returns>A position in (<paramref name="least"/>, <paramref name="most"/>] that is not inside a surrogate pair, unless there is no other.</returns>
    public static int FindEnd(ReadOnlySpan<char> text, int least, int most)
    {
        var sentence = -1;
        var word = -1;
        for (var position = most; position > least; position--)
        {
            if (IsParagraphEnd(text, position))
            {
                return position;
            }

            if (sentence < 0 && IsSentenceEnd(text, position))
            {
                sentence = position;
            }

            if (word < 0 && IsWordEnd(text, position))
            {
                word = position;
            }
        }

        return sentence >= 0 ? sentence : word >= 0 ? word : WholeCharacter(text, least, most);
    }

    /// <summary>The best place to begin a chunk that overlaps the one before: the earliest beginning of a sentence, else of a word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="least">The chunk begins here at the earliest.</param>
    /// <param name="most">The chunk begins here at the latest.</param>
    public static int FindStart(ReadOnlySpan<char> text, int least, int most)
    {
        var word = -1;
        for (var position = least; position < most; position++)
        {
            if (!char.IsWhiteSpace(text[position]) && (position == 0 || char.IsWhiteSpace(text[position - 1])))
            {
                if (position == 0 || IsSentenceEnd(text, SkipSpaceBack(text, position)))
                {
                    return position;
                }

                word = word < 0 ? position : word;
            }
        }

        return word >= 0 ? word : most;
    }

    /// <summary>The sentences of a part of a text, without the white space between them. What the part's edges cut off of a sentence counts as one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">First code unit of the part.</param>
    /// <param name="end">One past its last code unit.</param>
    /// <param name="most">Stops after this many.</param>
    /// <returns>Start and end of each, in order; none when the part is white space.</returns>
    public static List<(int Start, int End)> FindSentences(ReadOnlySpan<char> text, int start, int end, int most)
    {
        var sentences = new List<(int, int)>();
        for (start = SkipSpace(text, start, end); start < end && sentences.Count < most;)
        {
            var edge = start + 1;
            while (edge < end && !IsSentenceEnd(text, edge))
            {
                edge++;
            }

            // Scripts without spaces between sentences end one before "」", and before the second of "！？".
            while (edge < end && (IsCloser(text[edge]) || IsFullStop(text[edge])))
            {
                edge++;
            }

            sentences.Add((start, SkipSpaceBack(text, edge)));
            start = SkipSpace(text, edge, end);
        }

        return sentences;
    }

    /// <summary>The position after white space.</summary>
    public static int SkipSpace(ReadOnlySpan<char> text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        return start;
    }

    /// <summary>The position before white space.</summary>
    public static int SkipSpaceBack(ReadOnlySpan<char> text, int end)
    {
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return end;
    }

    // A line that ends here with an empty one after it: "text⏎⏎".
    private static bool IsParagraphEnd(ReadOnlySpan<char> text, int position)
    {
        if (position >= text.Length || text[position] is not ('\n' or '\r') || char.IsWhiteSpace(text[position - 1]))
        {
            return false;
        }

        var lines = 0;
        for (var i = position; i < text.Length && char.IsWhiteSpace(text[i]); i++)
        {
            if (text[i] == '\n' && ++lines == 2)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSentenceEnd(ReadOnlySpan<char> text, int position)
    {
        if (position <= 0)
        {
            return false;
        }

        var last = position - 1;
        while (last > 0 && position - last <= MostClosers && IsCloser(text[last]))
        {
            last--;
        }

        return IsFullStop(text[last])
            || ((position == text.Length || char.IsWhiteSpace(text[position])) && text[last] is '.' or '!' or '?' or '…' or '؟' or '।')
            || (position < text.Length && text[position] is '\n' or '\r' && !char.IsWhiteSpace(text[position - 1]));
    }

    // Scripts without spaces between sentences have full stops of their own.
    private static bool IsFullStop(char character) => character is '。' or '！' or '？' or '｡';

    private static bool IsCloser(char character) => character is '"' or '\'' or ')' or ']' or '}' or '”' or '’' or '»' or '」' or '』' or '）';

    private static bool IsWordEnd(ReadOnlySpan<char> text, int position) =>
        (position == text.Length || char.IsWhiteSpace(text[position])) && !char.IsWhiteSpace(text[position - 1]);

    private static int WholeCharacter(ReadOnlySpan<char> text, int least, int most) =>
        most < text.Length && most - 1 > least && char.IsHighSurrogate(text[most - 1]) && char.IsLowSurrogate(text[most]) ? most - 1 : most;
}
