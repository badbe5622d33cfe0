using System.Text;

namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>SentencePiece's own normalizer: user-defined symbols stay, the longest key of the charsmap is replaced, white space collapses and becomes <c>▁</c>. Immutable.</summary>
internal sealed class SentencePieceNormalizer
{
    private readonly CharsMap _charsMap;
    private readonly ByteTrie? _userDefined;
    private readonly bool[] _isPlain = new bool[0x80];

    /// <summary>Builds the normalizer of a model.</summary>
    /// <param name="path">The model file, for messages.</param>
    /// <param name="model">A checked model.</param>
    /// <exception cref="ModelFormatException">The user-defined symbols need too much memory.</exception>
    public SentencePieceNormalizer(string path, SentencePieceModel model)
    {
        _charsMap = model.CharsMap;
        HasSpaceInKey = _charsMap.HasSpaceInKey;
        for (var i = 0; i < _isPlain.Length; i++)
        {
            _isPlain[i] = _charsMap.IsPlain((byte)i);
        }

        var builder = new ByteTrieBuilder();
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Types[id] != PieceType.UserDefined)
            {
                continue;
            }

            var symbol = Encoding.UTF8.GetBytes(model.Pieces[id]);
            builder.Add(symbol, symbol.Length);
            HasSpaceInKey |= symbol.AsSpan().Contains((byte)' ');
            if (symbol[0] < _isPlain.Length)
            {
                // Stays the same alone; but it also shields its characters from the charsmap.
                HasUserDefinedPrefix[symbol[0]] = true;
            }
        }

        _userDefined = builder.Build() ?? throw new ModelFormatException(path, $"its user-defined symbols need more than {ByteTrieBuilder.MaximumUnits} units of memory.");
    }

    /// <summary>True when a match can reach from one word into the next: then a text is normalized as a whole.</summary>
    public bool HasSpaceInKey { get; }

    private bool[] HasUserDefinedPrefix { get; } = new bool[0x80];

    /// <summary>True for ASCII characters that stay as they are wherever only ASCII follows.</summary>
    public bool IsPlain(char character) => character < _isPlain.Length && _isPlain[character];

    /// <summary>Normalizes the prefix of some text.</summary>
    /// <param name="text">UTF-8, not empty.</param>
    /// <param name="replacement">What the prefix becomes; empty when it is dropped.</param>
    /// <returns>The prefix's length in bytes.</returns>
    public int NormalizePrefix(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        var first = text[0];
        if (first < 0x80 && _isPlain[first] && !HasUserDefinedPrefix[first] && (text.Length == 1 || text[1] < 0x80))
        {
            replacement = text[..1];
            return 1;
        }

        var length = MatchUserDefined(text);
        if (length == 0 && (length = _charsMap.Match(text, out replacement)) > 0)
        {
            return length;
        }

        length = length > 0 ? length : UnigramVocabulary.CharacterLength(first);
        replacement = text[..length];
        return length;
    }

    private int MatchUserDefined(ReadOnlySpan<byte> text)
    {
        var longest = 0;
        var node = _userDefined!.Start;
        foreach (var label in text)
        {
            if (!_userDefined.TryStep(ref node, label, out var length))
            {
                break;
            }

            longest = Math.Max(longest, length);
        }

        return longest;
    }
}
