namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Frames tokens as model inputs and cuts them to length, the same for every tokenizer. Safe for use from many threads.</summary>
internal sealed class SequenceBuilder(ITokenizer tokenizer)
{
    private const int SingleFrame = 2;
    private const int PairFrame = 3;

    // Buffers that grew beyond this are not kept.
    private const int LargestKept = 1 << 20;

    private readonly ScratchPool<TokenBuffer> _buffers = new(static () => new TokenBuffer());

    /// <summary>See <see cref="ITokenizer.Encode"/>.</summary>
    public TokenSequence Encode(string text, string? pair, int maxTokens, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, pair is null ? SingleFrame : PairFrame);
        var first = Tokenize(text, cancellationToken);
        var second = pair is null ? null : Tokenize(pair, cancellationToken);
        var frame = second is null ? SingleFrame : PairFrame;
        var (firstCount, secondCount) = LongestFirst(first.Count, second?.Count ?? 0, maxTokens - frame);

        var count = firstCount + secondCount + frame;
        var (ids, segments, offsets, tokens) = (new int[count], new int[count], new TokenOffset[count], new string[count]);
        var special = tokenizer.SpecialTokens;
        ids[0] = special.Cls;
        first.Ids[..firstCount].CopyTo(ids.AsSpan(1));
        first.Offsets[..firstCount].CopyTo(offsets.AsSpan(1));
        ids[firstCount + 1] = special.Sep;
        if (second is not null)
        {
            var start = firstCount + SingleFrame;
            second.Ids[..secondCount].CopyTo(ids.AsSpan(start));
            second.Offsets[..secondCount].CopyTo(offsets.AsSpan(start));
            ids[^1] = special.Sep;
            segments.AsSpan(start).Fill(1);
        }

        for (var i = 0; i < count; i++)
        {
            tokens[i] = tokenizer.TokenOf(ids[i]);
        }

        var sequence = new TokenSequence
        {
            Ids = ids,
            SegmentIds = segments,
            Offsets = offsets,
            Tokens = tokens,
            TruncatedTokens = first.Count - firstCount + (second?.Count - secondCount ?? 0),
            UnknownTokens = ids.AsSpan().Count(special.Unk),
        };
        Return(first);
        Return(second);
        return sequence;
    }

    /// <summary>
    /// How many tokens of each text stay when the longer one loses its last token, the second one at a tie, until both
    /// fit into <paramref name="budget"/>: <c>_truncate_seq_pair</c> of google-research/albert in closed form.
    /// </summary>
    internal static (int First, int Second) LongestFirst(int first, int second, int budget)
    {
        var excess = Math.Max(0L, (long)first + second - budget);
        var fromLonger = Math.Min(Math.Abs((long)first - second), excess);
        var shared = excess - fromLonger;
        var (firstLoss, secondLoss) = first > second
            ? (fromLonger + (shared / 2), shared - (shared / 2))
            : (shared / 2, fromLonger + shared - (shared / 2));
        return ((int)(first - firstLoss), (int)(second - secondLoss));
    }

    private TokenBuffer Tokenize(string text, CancellationToken cancellationToken)
    {
        var buffer = _buffers.Rent();
        buffer.Clear();
        tokenizer.Tokenize(text, buffer, cancellationToken);
        return buffer;
    }

    private void Return(TokenBuffer? buffer)
    {
        if (buffer is not null && buffer.Count <= LargestKept)
        {
            _buffers.Return(buffer);
        }
    }
}
