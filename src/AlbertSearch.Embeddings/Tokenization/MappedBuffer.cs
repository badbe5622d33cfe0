namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>
/// A growable list of bytes or code points that remembers for each item the range of the original text, in UTF-16 code
/// units, that it came from. Filled again and again without allocating. Not thread-safe.
/// </summary>
internal sealed class MappedBuffer<T>
    where T : struct
{
    private T[] _items = new T[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    /// <summary>Items held.</summary>
    public int Count { get; private set; }

    /// <summary>Items that fit before the buffer grows.</summary>
    public int Capacity => _items.Length;

    /// <summary>The items.</summary>
    public Span<T> Items => _items.AsSpan(0, Count);

    /// <summary>For each item the first code unit of its origin.</summary>
    public Span<int> Starts => _starts.AsSpan(0, Count);

    /// <summary>For each item one past the last code unit of its origin.</summary>
    public Span<int> Ends => _ends.AsSpan(0, Count);

    /// <summary>Forgets the items from <paramref name="count"/> on and keeps the memory.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>Appends an item.</summary>
    public void Add(T item, int start, int end)
    {
        if (Count == _items.Length)
        {
            Grow(Count + 1);
        }

        _items[Count] = item;
        _starts[Count] = start;
        _ends[Count] = end;
        Count++;
    }

    /// <summary>Appends items of one origin.</summary>
    public void AddRange(ReadOnlySpan<T> items, int start, int end)
    {
        var first = Count;
        Extend(items.Length);
        items.CopyTo(Items[first..]);
        Starts[first..].Fill(start);
        Ends[first..].Fill(end);
    }

    /// <summary>Appends <paramref name="count"/> items for the caller to fill.</summary>
    public void Extend(int count)
    {
        if (count > _items.Length - Count)
        {
            Grow(checked(Count + count));
        }

        Count += count;
    }

    /// <summary>Appends the items of another buffer, with their origins.</summary>
    public void Append(MappedBuffer<T> other)
    {
        var first = Count;
        Extend(other.Count);
        other.Items.CopyTo(Items[first..]);
        other.Starts.CopyTo(Starts[first..]);
        other.Ends.CopyTo(Ends[first..]);
    }

    /// <summary>Removes the first <paramref name="count"/> items.</summary>
    public void RemoveFirst(int count)
    {
        if (count == 0)
        {
            return;
        }

        Items[count..].CopyTo(_items);
        Starts[count..].CopyTo(_starts);
        Ends[count..].CopyTo(_ends);
        Count -= count;
    }

    private void Grow(int needed)
    {
        var size = (int)Math.Min(Math.Max(needed, 2L * _items.Length), Array.MaxLength);
        Array.Resize(ref _items, size);
        Array.Resize(ref _starts, size);
        Array.Resize(ref _ends, size);
    }
}
