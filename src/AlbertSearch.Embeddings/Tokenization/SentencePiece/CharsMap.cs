using System.Buffers.Binary;
using System.Text.Unicode;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>
/// SentencePiece's <c>precompiled_charsmap</c>: byte strings and what replaces them. Layout: u32 N (little-endian), N bytes
/// of a Darts-clone double array, then NUL-terminated UTF-8 replacements. Checked once, so that matching needs no checks:
/// no walk leaves the array or loops, every replacement lies in the file. Immutable.
/// </summary>
internal sealed class CharsMap
{
    /// <summary>Longest byte string that is replaced; bounds the cost of a character. The usual nmt_nfkc map's has 18.</summary>
    public const int MaximumKeyBytes = 128;

    /// <summary>Longest replacement; bounds how much a text can grow. The usual nmt_nfkc map's has 33.</summary>
    public const int MaximumReplacementBytes = 256;

    private const int LabelCount = 256;

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharsMap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
    }

    /// <summary>The map that replaces nothing.</summary>
    public static CharsMap Empty { get; } = new([], []);

    /// <summary>True when a key holds U+0020, so that a match can reach from one word into the next.</summary>
    public bool HasSpaceInKey { get; private set; }

    /// <summary>Reads and checks a map.</summary>
    /// <exception cref="ModelFormatException">A size, an offset or a replacement is out of range, or the array loops.</exception>
    public static CharsMap Parse(string path, ReadOnlySpan<byte> blob)
    {
        if (blob.IsEmpty)
        {
            return Empty;
        }

        if (blob.Length < sizeof(uint))
        {
            throw Error(path, $"it has {blob.Length} bytes; expected at least {sizeof(uint)}");
        }

        var trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        var rest = blob[sizeof(uint)..];
        if (trieBytes > (uint)rest.Length || trieBytes % sizeof(uint) != 0 || trieBytes == 0)
        {
            throw Error(path, $"it claims a double array of {trieBytes} bytes where {rest.Length} are left; expected a multiple of {sizeof(uint)} that fits");
        }

        var units = new uint[trieBytes / sizeof(uint)];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(rest[(i * sizeof(uint))..]);
        }

        var map = new CharsMap(units, rest[(int)trieBytes..].ToArray());
        map.Check(path);
        return map;
    }

    /// <summary>Finds the longest key that <paramref name="text"/> opens with.</summary>
    /// <returns>The key's length, or 0 when there is none.</returns>
    public int Match(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        replacement = default;
        if (_units.Length == 0)
        {
            return 0;
        }

        var (length, found) = (0, 0u);
        var node = Offset(_units[0]);
        for (var i = 0; i < text.Length && text[i] != 0; i++)
        {
            node ^= text[i];
            var unit = _units[node];
            if (Label(unit) != text[i])
            {
                break;
            }

            node ^= Offset(unit);
            if (HasLeaf(unit))
            {
                (length, found) = (i + 1, Value(_units[node]));
            }
        }

        if (length > 0)
        {
            replacement = _replacements.AsSpan((int)found);
            replacement = replacement[..replacement.IndexOf((byte)0)];
        }

        return length;
    }

    /// <summary>True when no key opens with <paramref name="first"/>, or only keys that go on with a byte of a longer character.</summary>
    public bool IsPlain(byte first)
    {
        if (_units.Length == 0)
        {
            return true;
        }

        var index = Offset(_units[0]) ^ first;
        var unit = _units[index];
        if (first == 0 || Label(unit) != first)
        {
            return true;
        }

        var children = index ^ Offset(unit);
        for (var label = 1u; label < 0x80; label++)
        {
            if (Label(_units[children ^ label]) == label)
            {
                return false;
            }
        }

        return !HasLeaf(unit);
    }

    // Walks everything that can be reached, depth first. Subtrees are shared (the array comes from a minimal automaton),
    // so a unit is looked at once and remembered with the length of the longest key below it.
    private void Check(string path)
    {
        const int Unseen = -2;
        const int InProgress = -1;
        var below = new int[_units.Length];
        Array.Fill(below, Unseen);
        var open = new Stack<(uint Index, uint Children, uint Next, int Longest)>();
        open.Push((0, CheckedChildren(path, 0), 1, 0));
        below[0] = InProgress;
        while (open.TryPop(out var node))
        {
            var descended = false;
            while (node.Next < LabelCount)
            {
                var child = node.Children ^ node.Next;
                if (Label(_units[child]) != node.Next)
                {
                    node.Next++;
                    continue;
                }

                if (below[child] == InProgress)
                {
                    throw Error(path, $"unit {child} of its double array can be reached from itself");
                }

                if (below[child] == Unseen)
                {
                    HasSpaceInKey |= node.Next == ' ';
                    open.Push(node);
                    open.Push((child, CheckedChildren(path, child), 1, 0));
                    below[child] = InProgress;
                    descended = true;
                    break;
                }

                node.Longest = Math.Max(node.Longest, below[child] + 1);
                node.Next++;
            }

            if (descended)
            {
                continue;
            }

            if (node.Longest > MaximumKeyBytes)
            {
                throw Error(path, $"a key is longer than {MaximumKeyBytes} bytes");
            }

            below[node.Index] = node.Longest;
        }
    }

    // The index that the labels of a unit's children are XORed with; also checks the unit's replacement.
    private uint CheckedChildren(string path, uint index)
    {
        var unit = _units[index];
        var children = index ^ Offset(unit);
        if ((children | (LabelCount - 1)) >= (uint)_units.Length)
        {
            throw Error(path, $"unit {index} of its double array points at unit {children}, outside of {_units.Length}");
        }

        if (index == 0 || !HasLeaf(unit))
        {
            return children;
        }

        var start = Value(_units[children]);
        if (start >= (uint)_replacements.Length)
        {
            throw Error(path, $"unit {children} of its double array points at byte {start} of the replacements, outside of {_replacements.Length}");
        }

        var replacement = _replacements.AsSpan((int)start);
        var length = replacement[..Math.Min(replacement.Length, MaximumReplacementBytes + 1)].IndexOf((byte)0);
        if (length < 0)
        {
            throw Error(path, $"the replacement at byte {start} doesn't end within {MaximumReplacementBytes} bytes");
        }

        if (!Utf8.IsValid(replacement[..length]))
        {
            throw Error(path, $"the replacement at byte {start} is not UTF-8");
        }

        return children;
    }

    private static ModelFormatException Error(string path, string problem) => new(path, $"normalizer_spec.precompiled_charsmap: {problem}.");

    private static uint Label(uint unit) => unit & 0x800000FF;

    private static bool HasLeaf(uint unit) => ((unit >> 8) & 1) == 1;

    private static uint Value(uint unit) => unit & 0x7FFFFFFF;

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
