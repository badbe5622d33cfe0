namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>
/// Finds the best segmentation of normalized bytes by their pieces' scores (Viterbi; Kudo, "Subword Regularization", 2018),
/// with SentencePiece's own precision and order, on which ties depend. Linear in the bytes. Not thread-safe.
/// </summary>
internal sealed class UnigramLattice(UnigramVocabulary vocabulary)
{
    private const int CheckInterval = 1 << 14;

    // A node for each byte position that a character can end at.
    private float[] _scores = new float[256];
    private int[] _origins = new int[256];
    private int[] _ids = new int[256];
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
        if (_scores.Length <= text.Length)
        {
            var size = (int)Math.Min(2L * (text.Length + 1), Array.MaxLength);
            (_scores, _origins, _ids) = (new float[size], new int[size], new int[size]);
        }

        const int Unreached = -1;
        var scores = _scores.AsSpan(0, text.Length + 1);
        var origins = _origins.AsSpan(0, text.Length + 1);
        var ids = _ids.AsSpan(0, text.Length + 1);
        var pieceScores = vocabulary.Scores;
        var trie = vocabulary.Trie;
        origins.Fill(Unreached);
        scores[0] = score;
        var nextCheck = CheckInterval;
        for (int start = 0, characterLength; start < text.Length; start += characterLength)
        {
            if (start >= nextCheck)
            {
                cancellationToken.ThrowIfCancellationRequested();
                nextCheck = start + CheckInterval;
            }

            characterLength = UnigramVocabulary.CharacterLength(text[start]);
            var characterEnd = start + characterLength;
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
        }

        TraceBack(origins, ids);
        return scores[^1];
    }

    // Leaves the ends of the pieces in _path, last one first.
    private void TraceBack(ReadOnlySpan<int> origins, ReadOnlySpan<int> ids)
    {
        Count = 0;
        var nextIsUnknown = false;
        for (var end = origins.Length - 1; end > 0; end = origins[end])
        {
            var isUnknown = ids[end] == vocabulary.UnknownId;
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
