using Unit = AlbertSearch.Embeddings.Tokenization.ByteTrie.Unit;

namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Lays keys out as a <see cref="ByteTrie"/>. For one use.</summary>
internal sealed class ByteTrieBuilder
{
    /// <summary>Most units; bounds the memory that a hostile vocabulary can ask for. English ALBERT takes 0.1 million.</summary>
    public const int MaximumUnits = 1 << 21;

    private const int BlockSize = 256;

    // A node whose children don't fit into the first free places gets a new block; blocks this far back are closed, so
    // that building stays linear.
    private const int Attempts = 64;
    private const int OpenBlocks = 16;
    private const int End = -1;

    private readonly List<(byte[] Key, int Value)> _keys = [];
    private readonly List<Unit> _units = [];
    private readonly List<bool> _isBase = [];
    private readonly List<int> _nextFree = [];
    private readonly List<int> _previousFree = [];
    private int _firstFree = End;
    private int _lastFree = End;

    /// <summary>Adds a key that was not added before, with a value that is not 0.</summary>
    public void Add(ReadOnlySpan<byte> key, int value) => _keys.Add((key.ToArray(), value));

    /// <summary>Builds the trie.</summary>
    /// <returns>Null when the keys need more than <see cref="MaximumUnits"/>.</returns>
    public ByteTrie? Build()
    {
        _keys.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));

        // Childless nodes have base 0: the first block holds no label, so every step from them fails.
        AddBlock(free: false);
        var start = 0;
        var open = new Stack<(int Index, int First, int Last, int Depth)>();
        open.Push((-1, 0, _keys.Count, 0));
        Span<byte> labels = stackalloc byte[BlockSize];
        while (open.TryPop(out var node))
        {
            if (_units.Count > MaximumUnits)
            {
                return null;
            }

            var first = node.First;
            if (first < node.Last && _keys[first].Key.Length == node.Depth)
            {
                if (node.Index >= 0)
                {
                    _units[node.Index] = _units[node.Index] with { Value = _keys[first].Value };
                }

                first++;
            }

            if (first == node.Last)
            {
                continue;
            }

            var count = 0;
            for (var i = first; i < node.Last; i++)
            {
                var label = _keys[i].Key[node.Depth];
                if (count == 0 || labels[count - 1] != label)
                {
                    labels[count++] = label;
                }
            }

            var place = Reserve(labels[..count]);
            if (node.Index >= 0)
            {
                _units[node.Index] = _units[node.Index] with { Link = _units[node.Index].Link | (place << Unit.LabelBits) };
            }
            else
            {
                start = place << Unit.LabelBits;
            }

            for (var i = first; i < node.Last;)
            {
                var (label, childFirst) = (_keys[i].Key[node.Depth], i);
                while (i < node.Last && _keys[i].Key[node.Depth] == label)
                {
                    i++;
                }

                open.Push((place ^ label, childFirst, i, node.Depth + 1));
            }
        }

        return new ByteTrie([.. _units], start);
    }

    // Finds a base whose places for the labels are free, and takes them.
    private int Reserve(ReadOnlySpan<byte> labels)
    {
        var attempts = 0;
        var place = -1;
        for (var free = _firstFree; free != End && attempts < Attempts; free = _nextFree[free], attempts++)
        {
            var candidate = free ^ labels[0];
            if (!_isBase[candidate] && AllFree(candidate, labels))
            {
                place = candidate;
                break;
            }
        }

        if (place < 0)
        {
            place = _units.Count;
            AddBlock(free: true);
        }

        _isBase[place] = true;
        foreach (var label in labels)
        {
            TakeFree(place ^ label);
            _units[place ^ label] = new Unit(label, 0);
        }

        return place;
    }

    private bool AllFree(int place, ReadOnlySpan<byte> labels)
    {
        foreach (var label in labels)
        {
            if (_units[place ^ label].Link != Unit.NoLabel)
            {
                return false;
            }
        }

        return true;
    }

    private void AddBlock(bool free)
    {
        var first = _units.Count;
        for (var i = first; i < first + BlockSize; i++)
        {
            _units.Add(new Unit(Unit.NoLabel, 0));
            _isBase.Add(false);
            _nextFree.Add(End);
            _previousFree.Add(End);
            if (free)
            {
                Link(i);
            }
        }

        while (_firstFree != End && _firstFree < first - (OpenBlocks * BlockSize))
        {
            TakeFree(_firstFree);
        }
    }

    private void Link(int index)
    {
        _previousFree[index] = _lastFree;
        if (_lastFree == End)
        {
            _firstFree = index;
        }
        else
        {
            _nextFree[_lastFree] = index;
        }

        _lastFree = index;
    }

    private void TakeFree(int index)
    {
        var (previous, next) = (_previousFree[index], _nextFree[index]);
        if (previous == End)
        {
            _firstFree = next;
        }
        else
        {
            _nextFree[previous] = next;
        }

        if (next == End)
        {
            _lastFree = previous;
        }
        else
        {
            _previousFree[next] = previous;
        }

        (_previousFree[index], _nextFree[index]) = (End, End);
    }
}
