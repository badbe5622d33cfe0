namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Keeps scratch between calls, so that a search allocates nothing. Thread-safe, lock-free.</summary>
/// <typeparam name="T">Kind of scratch.</typeparam>
/// <param name="create">Makes one when none is free.</param>
/// <param name="capacity">Most that are kept.</param>
internal sealed class ScratchPool<T>(Func<T> create, int capacity)
    where T : class
{
    private readonly T?[] _free = new T?[capacity];

    /// <summary>Takes one; give it back by <see cref="Return"/>.</summary>
    public T Rent()
    {
        for (var i = 0; i < _free.Length; i++)
        {
            if (Volatile.Read(ref _free[i]) is not null && Interlocked.Exchange(ref _free[i], null) is { } scratch)
            {
                return scratch;
            }
        }

        return create();
    }

    /// <summary>Gives one back. Beyond the capacity it is left to the garbage collector.</summary>
    public void Return(T scratch)
    {
        for (var i = 0; i < _free.Length; i++)
        {
            if (Volatile.Read(ref _free[i]) is null && Interlocked.CompareExchange(ref _free[i], scratch, null) is null)
            {
                return;
            }
        }
    }
}
