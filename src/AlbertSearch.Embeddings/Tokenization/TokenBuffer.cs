namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>A growable list of tokens that is filled again and again without allocating. Not thread-safe.</summary>
public sealed class TokenBuffer
{
    private int[] _ids = new int[64];
    private TokenOffset[] _offsets = new TokenOffset[64];

    /// <summary>Tokens held.</summary>
    public int Count { get; private set; }

    /// <summary>The ids, in order.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>The places in the original text, one for each id.</summary>
    public ReadOnlySpan<TokenOffset> Offsets => _offsets.AsSpan(0, Count);

    /// <summary>Forgets all tokens and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Appends a token.</summary>
    public void Add(int id, TokenOffset offset)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, _ids.Length * 2);
            Array.Resize(ref _offsets, _offsets.Length * 2);
        }

        _ids[Count] = id;
        _offsets[Count] = offset;
        Count++;
    }

    /// <summary>Moves the end of the last token.</summary>
    internal void ExtendLast(int end) => _offsets[Count - 1] = _offsets[Count - 1] with { End = end };

    /// <summary>Drops all tokens from <paramref name="count"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative or more than <see cref="Count"/>.</exception>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        Count = count;
    }
}
