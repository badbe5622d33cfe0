namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Keeps working memory between calls, so that a warm caller allocates nothing. Safe for use from many threads.</summary>
internal sealed class ScratchPool<T>(Func<T> create)
    where T : class
{
    private readonly T?[] _kept = new T?[Environment.ProcessorCount];

    /// <summary>Hands out working memory for one caller alone.</summary>
    public T Rent()
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) is not null && Interlocked.Exchange(ref _kept[i], null) is { } scratch)
            {
                return scratch;
            }
        }

        return create();
    }

    /// <summary>Takes working memory back; drops it when enough is kept.</summary>
    public void Return(T scratch)
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[i], scratch, null) is null)
            {
                return;
            }
        }
    }
}
