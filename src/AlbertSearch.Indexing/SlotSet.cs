using System.Numerics;

namespace AlbertSearch.Indexing;

/// <summary>A set of slots as a bit map. Fill it, then share it: reading is thread-safe once writing has ended.</summary>
public sealed class SlotSet
{
    private ulong[] _words;

    /// <summary>Makes an empty set.</summary>
    /// <param name="capacity">Slots below this are added without growing.</param>
    public SlotSet(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _words = new ulong[(capacity + 63) >> 6];
    }

    /// <summary>Slots in the set.</summary>
    public int Count { get; private set; }

    /// <summary>The bits, 64 slots a word, slot 0 lowest.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    /// <summary>Adds a slot.</summary>
    /// <returns>Whether it was not in the set.</returns>
    public bool Add(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        var word = slot >> 6;
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, (int)Math.Max((uint)word + 1, BitOperations.RoundUpToPowerOf2((uint)word + 1)));
        }

        var bit = 1UL << (slot & 63);
        if ((_words[word] & bit) != 0)
        {
            return false;
        }

        _words[word] |= bit;
        Count++;
        return true;
    }

    /// <summary>Whether a slot is in the set.</summary>
    public bool Contains(int slot)
    {
        var word = slot >> 6;
        return (uint)word < (uint)_words.Length && (_words[word] & (1UL << (slot & 63))) != 0;
    }
}
