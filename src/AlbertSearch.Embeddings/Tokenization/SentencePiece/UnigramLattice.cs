namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>
/// Finds the best segmentation of normalized bytes by their pieces' scores (Viterbi; Kudo, "Subword Regularization", 2018),
/// with SentencePiece's own precision and order, on which ties depend. Linear in the bytes. Not thread-safe.
/// </summary>
internal sealed class UnigramLattice(UnigramVocabulary vocabulary)
{
    private const int CheckInterval = 1 << 14;
    private const int Unreached = -1;

    // A node for each byte position that a character can end at.
    private float[] _scores = new float[256];
    private int[] _origins = new int[256];
    private int[] _ids = new int[256];
    private bool[] _marks = new bool[256];
    private int[] _path = new int[64];

    /// <summary>Pieces of the best segmentation; adjacent unknown characters count as one.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the working memory holds without growing.</summary>
    public int Capacity => _scores.Length;

    /// <summary>A piece of the best segmentation.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>, in order.</param>
    public (int Start, int End, int Id) this[int index]
    {
        get
        {
            var end = _path[Count - 1 - index];
            return (index == 0 ? 0 : _path[Count - index], end, _ids[end]);
        }
    }

    /// <summary>Segments <paramref name="text"/>.</summary>
    /// <param name="text">Normalized bytes, not empty.</param>
    /// <param name="score">The score of the text before it; sums are rounded as if both were one lattice.</param>
    /// <param name="cancellationToken">Looked at every few thousand bytes.</param>
    /// <returns>The score up to the end of <paramref name="text"/>.</returns>
    public float Segment(ReadOnlySpan<byte> text, float score, CancellationToken cancellationToken)
    {
        Solve(text, text.Length, score, cancellationToken);
        TraceBack(text.Length);
        return _scores[text.Length];
    }

    /// <summary>
    /// Segments as much of <paramref name="text"/> as can't change whatever follows it: up to the last place that the best
    /// paths to all open ends have in common.
    /// </summary>
    /// <param name="text">Normalized bytes, whole characters.</param>
    /// <param name="score">The score of the text before it.</param>
    /// <param name="length">Bytes that the pieces cover; 0 when nothing is settled yet.</param>
    /// <param name="cancellationToken">Looked at every few thousand bytes.</param>
    /// <returns>The score up to <paramref name="length"/>.</returns>
    public float SegmentSettled(ReadOnlySpan<byte> text, float score, out int length, CancellationToken cancellationToken)
    {
        // Pieces from the last bytes could reach beyond the text, so those bytes wait.
        var firstOpen = Solve(text, text.Length - vocabulary.LongestPiece, score, cancellationToken);
        var marks = _marks.AsSpan(0, text.Length + 1);
        var open = 0;
        for (var end = 0; end < marks.Length; end++)
        {
            marks[end] = end >= firstOpen && (end == 0 || _origins[end] != Unreached);
            open += marks[end] ? 1 : 0;
        }

        // Downwards, every marked place hands its mark to its origin, until one is left.
        length = text.Length;
        while (!marks[length] || open > 1)
        {
            if (marks[length])
            {
                open--;
                var origin = _origins[length];
                open += marks[origin] ? 0 : 1;
                marks[origin] = true;
            }

            length--;
        }

        TraceBack(length);
        return _scores[length];
    }

    // Fills the nodes that pieces from the starts before a limit reach; gives the first start that was left out.
    private int Solve(ReadOnlySpan<byte> text, int limit, float score, CancellationToken cancellationToken)
    {
        if (_scores.Length <= text.Length)
        {
            var size = (int)Math.Min(text.Length + 1 + (text.Length / 2L), Array.MaxLength);
            (_scores, _origins, _ids, _marks) = (new float[size], new int[size], new int[size], new bool[size]);
        }

        var scores = _scores.AsSpan(0, text.Length + 1);
        var origins = _origins.AsSpan(0, text.Length + 1);
        var ids = _ids.AsSpan(0, text.Length + 1);
        var pieceScores = vocabulary.Scores;
        var trie = vocabulary.Trie;
        origins.Fill(Unreached);
        scores[0] = score;
        var start = 0;
        for (var nextCheck = CheckInterval; start < limit;)
        {
            if (start >= nextCheck)
            {
                cancellationToken.ThrowIfCancellationRequested();
                nextCheck = start + CheckInterval;
            }

            var characterEnd = start + UnigramVocabulary.CharacterLength(text[start]);
            var soFar = scores[start];
            var node = trie.Start;
            var characterIsKnown = false;
            for (var end = start; end < text.Length && trie.TryStep(ref node, text[end], out var value);)
            {
                end++;
                if (value <= 0)
                {
                    continue;
                }

                characterIsKnown |= end == characterEnd;
                var candidate = pieceScores[value - 1] + soFar;
                if (origins[end] == Unreached || candidate > scores[end])
                {
                    scores[end] = (float)candidate;
                    origins[end] = start;
                    ids[end] = value - 1;
                }
            }

            if (!characterIsKnown)
            {
                var candidate = vocabulary.UnknownScore + soFar;
                if (origins[characterEnd] == Unreached || candidate > scores[characterEnd])
                {
                    scores[characterEnd] = candidate;
                    origins[characterEnd] = start;
                    ids[characterEnd] = vocabulary.UnknownId;
                }
            }

            start = characterEnd;
        }

        return start;
    }

    // Leaves the ends of the pieces in _path, last one first.
    private void TraceBack(int last)
    {
        Count = 0;
        var nextIsUnknown = false;
        for (var end = last; end > 0; end = _origins[end])
        {
            var isUnknown = _ids[end] == vocabulary.UnknownId;
            if (!isUnknown || !nextIsUnknown)
            {
                if (Count == _path.Length)
                {
                    Array.Resize(ref _path, 2 * _path.Length);
                }

                _path[Count++] = end;
            }

            nextIsUnknown = isUnknown;
        }
    }
}
