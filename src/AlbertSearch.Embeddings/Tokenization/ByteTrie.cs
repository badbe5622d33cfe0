namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>
/// A read-only map from byte strings to numbers, walked byte by byte: a double array (Aoe 1989) in which the child of a
/// node by byte <c>b</c> lies at <c>base ^ b</c>. A step loads one unit of 8 bytes. Made by <see cref="ByteTrieBuilder"/>.
/// </summary>
internal sealed class ByteTrie
{
    private readonly Unit[] _units;

    internal ByteTrie(Unit[] units, int start)
    {
        _units = units;
        Start = start;
    }

    /// <summary>The node that every walk starts from.</summary>
    public int Start { get; }

    /// <summary>Walks from <paramref name="node"/> to its child by <paramref name="label"/>.</summary>
    /// <param name="node">A node; set to the child when there is one.</param>
    /// <param name="label">The next byte of the key.</param>
    /// <param name="value">The value of the key that ends at the child, or 0.</param>
    /// <returns>False when no key goes on so.</returns>
    public bool TryStep(ref int node, byte label, out int value)
    {
        var unit = _units[(node >> Unit.LabelBits) ^ label];
        (node, value) = (unit.Link, unit.Value);
        return (unit.Link & Unit.LabelMask) == label;
    }

    /// <summary>The value of a key, or 0.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var (node, value) = (Start, 0);
        foreach (var label in key)
        {
            if (!TryStep(ref node, label, out value))
            {
                return 0;
            }
        }

        return value;
    }

    /// <summary>A node.</summary>
    /// <param name="Link">The base of its children, above 9 bits of the label that leads to it.</param>
    /// <param name="Value">The value of the key that ends here, or 0.</param>
    internal readonly record struct Unit(int Link, int Value)
    {
        public const int LabelBits = 9;
        public const int LabelMask = (1 << LabelBits) - 1;

        /// <summary>No byte: the label of a unit that is not in use.</summary>
        public const int NoLabel = LabelMask;
    }
}
