using System.Text;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>
/// The pieces of a model as a trie over normalized bytes, with the scores that the lattice adds up. Normalized bytes are
/// UTF-8 in which the one byte <see cref="Space"/> stands for <c>▁</c> (U+2581). Immutable.
/// </summary>
internal sealed class UnigramVocabulary
{
    /// <summary>Stands for <c>▁</c>; never a byte of UTF-8.</summary>
    public const byte Space = 0xFF;

    private const float UnknownPenalty = 10;

    // The smallest positive float, where SentencePiece starts its search of the greatest score.
    private const float SmallestScore = 1.17549435e-38f;

    private readonly ByteTrie _trie;
    private readonly double[] _scores;

    /// <summary>Builds the trie.</summary>
    /// <param name="path">The model file, for messages.</param>
    /// <param name="model">A checked model.</param>
    /// <exception cref="ModelFormatException">The pieces need too much memory.</exception>
    public UnigramVocabulary(string path, SentencePieceModel model)
    {
        var (least, greatest) = (float.MaxValue, SmallestScore);
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Types[id] == PieceType.Normal)
            {
                least = Math.Min(least, model.Scores[id]);
                greatest = Math.Max(greatest, model.Scores[id]);
            }
        }

        UnknownId = model.UnknownId;
        UnknownScore = least - UnknownPenalty;
        SplitsAtSpaces = true;
        _scores = new double[model.Pieces.Count];
        var builder = new ByteTrieBuilder();
        for (var id = 0; id < _scores.Length; id++)
        {
            var type = model.Types[id];
            if (type is PieceType.Control or PieceType.Unknown)
            {
                continue;
            }

            var bytes = Encoding.UTF8.GetBytes(model.Pieces[id]);
            _scores[id] = type == PieceType.UserDefined ? (bytes.Length * greatest) - 0.1 : model.Scores[id];
            var key = FoldSpaces(bytes);
            LongestPiece = Math.Max(LongestPiece, key.Length);
            SplitsAtSpaces &= key.AsSpan().TrimStart(Space).IndexOf(Space) < 0;
            builder.Add(key, type == PieceType.Unused ? -(id + 1) : id + 1);
        }

        _trie = builder.Build() ?? throw new ModelFormatException(path, $"its {_scores.Length} pieces need more than {ByteTrieBuilder.MaximumUnits} units of memory.");
        SplitsAtSpaces &= _trie.Find([Space]) > 0;
    }

    /// <summary>The id of text that no piece covers.</summary>
    public int UnknownId { get; }

    /// <summary>The score of an unknown character.</summary>
    public float UnknownScore { get; }

    /// <summary>
    /// True when no piece reaches from a word into the next and <c>▁</c> is never unknown: then every path through a
    /// sentence's lattice passes the places before a <c>▁</c>, and the lattice can be solved word by word.
    /// </summary>
    public bool SplitsAtSpaces { get; }

    /// <summary>Length of the longest piece in normalized bytes.</summary>
    public int LongestPiece { get; }

    /// <summary>The trie: values are id + 1, negated for unused pieces, which match no text.</summary>
    public ByteTrie Trie => _trie;

    /// <summary>For each id its score; in double precision, because SentencePiece computes those of user-defined symbols so.</summary>
    public ReadOnlySpan<double> Scores => _scores;

    /// <summary>The id of a whole piece, or <see cref="UnknownId"/>.</summary>
    public int Find(ReadOnlySpan<byte> piece)
    {
        var value = Math.Abs(_trie.Find(piece));
        return value == 0 ? UnknownId : value - 1;
    }

    /// <summary>Length in bytes of the character that a byte opens.</summary>
    public static int CharacterLength(byte first) => first switch
    {
        < 0xC0 or Space => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };

    /// <summary>True when <paramref name="bytes"/> open with U+2581.</summary>
    public static bool StartsWithSpaceSymbol(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\u2581"u8);

    private static byte[] FoldSpaces(ReadOnlySpan<byte> bytes)
    {
        var folded = new byte[bytes.Length];
        var count = 0;
        while (!bytes.IsEmpty)
        {
            var isSpace = StartsWithSpaceSymbol(bytes);
            folded[count++] = isSpace ? Space : bytes[0];
            bytes = bytes[(isSpace ? CharacterLength(bytes[0]) : 1)..];
        }

        return folded[..count];
    }
}
