using System.Text;
using System.Text.Unicode;

namespace AlbertSearch.Embeddings.Tokenization.WordPiece;

/// <summary>A checked <c>vocab.txt</c>: one token a line, the line number is the id. Immutable.</summary>
internal sealed class WordPieceVocabulary
{
    /// <summary>Largest file that is read. BERT's has 0.2 million bytes.</summary>
    public const long MaximumFileBytes = 16 << 20;

    /// <summary>Longest token, in bytes; the cost of a character grows with it.</summary>
    public const int MaximumTokenBytes = 512;

    private readonly Dictionary<string, int> _ids = [];
    private readonly List<string> _tokens = [];

    private WordPieceVocabulary()
    {
    }

    /// <summary>The tokens; a token's index is its id.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The id of a token, or -1. Of equal lines the last one counts, as in the reference.</summary>
    public int IdOf(string token) => _ids.GetValueOrDefault(token, -1);

    /// <summary>Reads and checks a vocabulary.</summary>
    /// <exception cref="ModelFormatException">The file can't be read, is not UTF-8, or holds a line that is too long.</exception>
    public static WordPieceVocabulary Load(string path)
    {
        var file = ModelFile.ReadAllBytes(path, MaximumFileBytes).AsSpan();
        var vocabulary = new WordPieceVocabulary();
        while (!file.IsEmpty)
        {
            // Lines end as in Python's text files: LF, CR LF or CR.
            var end = file.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? file : file[..end];
            var lineNumber = vocabulary._tokens.Count + 1;
            if (line.Length > MaximumTokenBytes)
            {
                throw new ModelFormatException(path, $"line {lineNumber} has {line.Length} bytes; the limit is {MaximumTokenBytes}.");
            }

            if (!Utf8.IsValid(line))
            {
                throw new ModelFormatException(path, $"line {lineNumber} is not UTF-8.");
            }

            var token = Encoding.UTF8.GetString(line);
            vocabulary._ids[token] = vocabulary._tokens.Count;
            vocabulary._tokens.Add(token);
            file = end < 0 ? [] : file[(end + (file[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
        }

        return vocabulary;
    }

    /// <summary>The tokens that text can become as a trie over UTF-8: values are id + 1.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="control">Ids that no text becomes.</param>
    /// <exception cref="ModelFormatException">The tokens need too much memory.</exception>
    public ByteTrie BuildTrie(string path, ReadOnlySpan<int> control)
    {
        var builder = new ByteTrieBuilder();
        foreach (var (token, id) in _ids)
        {
            if (token.Length > 0 && !control.Contains(id))
            {
                builder.Add(Encoding.UTF8.GetBytes(token), id + 1);
            }
        }

        return builder.Build() ?? throw new ModelFormatException(path, $"its {_tokens.Count} tokens need more than {ByteTrieBuilder.MaximumUnits} units of memory.");
    }
}
