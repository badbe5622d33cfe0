using System.Buffers.Binary;
using System.Text;

namespace AlbertSearch.Embeddings.Tests.Tokenization.SentencePiece;

/// <summary>Writes small <c>spiece.model</c> files, good and bad, field by field.</summary>
internal sealed class ModelWriter
{
    public const int Normal = 1;
    public const int Unknown = 2;
    public const int Control = 3;
    public const int UserDefined = 4;
    public const int Unused = 5;

    private readonly List<byte> _bytes = [];

    /// <summary>The pieces that every model needs: ids 0 to 3.</summary>
    public static ModelWriter WithControls() => new ModelWriter()
        .Piece("<pad>", 0, Control).Piece("<unk>", 0, Unknown).Piece("[CLS]", 0, Control).Piece("[SEP]", 0, Control);

    public ModelWriter Piece(string piece, float score, int type = Normal) => Piece(Encoding.UTF8.GetBytes(piece), score, type);

    public ModelWriter Piece(byte[] piece, float score, int type = Normal) =>
        Message(1, new ModelWriter().Bytes(1, piece).Single(2, score).Varint(3, type));

    public ModelWriter Pieces(float score, params string[] pieces)
    {
        foreach (var piece in pieces)
        {
            Piece(piece, score);
        }

        return this;
    }

    public ModelWriter Trainer(int field, long value) => Message(2, new ModelWriter().Varint(field, value));

    public ModelWriter Normalizer(int field, long value) => Message(3, new ModelWriter().Varint(field, value));

    public ModelWriter CharsMap(byte[] map) => Message(3, new ModelWriter().Bytes(2, map));

    public ModelWriter Message(int field, ModelWriter message) => Bytes(field, message.ToArray());

    public ModelWriter Bytes(int field, byte[] value)
    {
        Raw((ulong)((field << 3) | 2));
        Raw((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public ModelWriter Varint(int field, long value)
    {
        Raw((ulong)(field << 3));
        Raw((ulong)value);
        return this;
    }

    public ModelWriter Single(int field, float value)
    {
        Raw((ulong)((field << 3) | 5));
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public ModelWriter Raw(ulong varint)
    {
        for (; varint >= 0x80; varint >>= 7)
        {
            _bytes.Add((byte)(varint | 0x80));
        }

        _bytes.Add((byte)varint);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    /// <summary>
    /// A charsmap of the layout that SentencePiece writes. Keys are single bytes or two bytes; children of the root lie in
    /// block 0, those of a first byte in a block of their own.
    /// </summary>
    public static byte[] MapOf(params (string Key, string Replacement)[] rules)
    {
        const int Block = 256;
        var keys = rules.Select(r => Encoding.UTF8.GetBytes(r.Key)).ToArray();
        var nodes = new SortedSet<string>(StringComparer.Ordinal) { "" };
        foreach (var key in keys)
        {
            for (var length = 1; length <= key.Length; length++)
            {
                nodes.Add(Convert.ToHexString(key[..length]));
            }
        }

        // Node n's children lie in block n + 1; its replacement at label 0 of that block.
        var number = nodes.Select((node, i) => (node, i)).ToDictionary(p => p.node, p => p.i);
        var units = new uint[(nodes.Count + 1) * Block];
        uint Index(string node) => node.Length == 0 ? 0 : (uint)(((number[node[..^2]] + 1) * Block) ^ Convert.ToByte(node[^2..], 16));
        using var replacements = new MemoryStream();
        foreach (var node in nodes)
        {
            var index = Index(node);
            var rule = Array.FindIndex(keys, key => Convert.ToHexString(key) == node);
            var children = (uint)((number[node] + 1) * Block);
            var label = node.Length == 0 ? 0u : Convert.ToByte(node[^2..], 16);
            units[index] = ((index ^ children) << 10) | (rule >= 0 ? 1u << 8 : 0) | label;
            if (rule >= 0)
            {
                units[children] = 0x80000000 | (uint)replacements.Length;
                replacements.Write(Encoding.UTF8.GetBytes(rules[rule].Replacement));
                replacements.WriteByte(0);
            }
        }

        return Map(units, replacements.ToArray());
    }

    public static byte[] Map(uint[] units, byte[] replacements)
    {
        var map = new byte[sizeof(uint) + (units.Length * sizeof(uint)) + replacements.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(map, (uint)(units.Length * sizeof(uint)));
        for (var i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(sizeof(uint) + (i * sizeof(uint))), units[i]);
        }

        replacements.CopyTo(map, sizeof(uint) + (units.Length * sizeof(uint)));
        return map;
    }
}
