using System.Text;
using AlbertSearch.Embeddings.Tokenization.WordPiece;

namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>
/// BERT's tokenizer, which the Chinese ALBERTs use: the ids of Hugging Face's slow <c>BertTokenizer</c>, except that
/// control tokens written out in a text stay text. Immutable and safe for use from many threads.
/// </summary>
/// <remarks>Source: google-research/bert, <c>tokenization.py</c>.</remarks>
public sealed class WordPieceTokenizer : ITokenizer
{
    // Longer words are unknown as a whole.
    private const int LongestWord = 100;

    private readonly WordPieceVocabulary _vocabulary;
    private readonly BasicTokenizer _basic;
    private readonly ByteTrie _trie;
    private readonly SequenceBuilder _sequences;
    private readonly ScratchPool<WordPieceScratch> _scratches = new(static () => new WordPieceScratch());

    // Where the pieces that go on a word begin in the trie; null when the vocabulary has none.
    private readonly int? _continuation;

    private WordPieceTokenizer(string path, string configPath, WordPieceVocabulary vocabulary, TokenizerConfig config)
    {
        if (config.BasicTokenize == false)
        {
            throw new ModelFormatException(configPath, "'do_basic_tokenize' is false; only true is supported.");
        }

        _vocabulary = vocabulary;
        _basic = new BasicTokenizer(config.LowerCase ?? true, config.StripAccents, config.TokenizeChineseChars ?? true);
        SpecialTokens = new SpecialTokenIds(
            Required(path, "cls_token", config.ClsToken ?? "[CLS]"),
            Required(path, "sep_token", config.SepToken ?? "[SEP]"),
            vocabulary.IdOf(config.PadToken ?? "[PAD]"),
            Required(path, "unk_token", config.UnkToken ?? "[UNK]"),
            vocabulary.IdOf(config.MaskToken ?? "[MASK]"));
        var special = SpecialTokens;
        _trie = vocabulary.BuildTrie(path, [special.Cls, special.Sep, special.Pad, special.Unk, special.Mask]);
        var node = _trie.Start;
        _continuation = _trie.TryStep(ref node, (byte)'#', out _) && _trie.TryStep(ref node, (byte)'#', out _) ? node : null;
        ModelMaxLength = config.ModelMaxLength;
        _sequences = new SequenceBuilder(this);
    }

    /// <inheritdoc />
    public int VocabularySize => _vocabulary.Tokens.Count;

    /// <inheritdoc />
    public SpecialTokenIds SpecialTokens { get; }

    /// <inheritdoc />
    public int ModelMaxLength { get; }

    /// <summary>Loads a vocabulary.</summary>
    /// <param name="vocabularyPath">A <c>vocab.txt</c>.</param>
    /// <param name="configPath">Its <c>tokenizer_config.json</c>, which may be missing: then BERT's defaults hold.</param>
    /// <exception cref="ModelFormatException">A file can't be read, is damaged, or asks for something that is not supported.</exception>
    public static WordPieceTokenizer Load(string vocabularyPath, string configPath) =>
        new(vocabularyPath, configPath, WordPieceVocabulary.Load(vocabularyPath), TokenizerConfig.Load(configPath));

    /// <inheritdoc />
    public string TokenOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize);
        return _vocabulary.Tokens[id];
    }

    /// <inheritdoc />
    public TokenSequence Encode(string text, string? pair = null, int maxTokens = int.MaxValue, CancellationToken cancellationToken = default) =>
        _sequences.Encode(text, pair, maxTokens, cancellationToken);

    /// <inheritdoc />
    public void Tokenize(ReadOnlySpan<char> text, TokenBuffer destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        cancellationToken.ThrowIfCancellationRequested();
        var scratch = _scratches.Rent();
        scratch.Clear();
        for (var index = 0; index < text.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var goesOn = _basic.ReadChunk(text, ref index, scratch);
            AddChunk(scratch, destination);
            if (!goesOn)
            {
                EmitWord(scratch, destination);
            }
        }

        if (scratch.IsKept)
        {
            _scratches.Return(scratch);
        }
    }

    // Parts a chunk at its punctuation; leaves the last word open.
    private void AddChunk(WordPieceScratch scratch, TokenBuffer destination)
    {
        var chunk = scratch.Chunk;
        for (var i = 0; i < chunk.Count; i++)
        {
            var codePoint = chunk.Items[i];
            var isPunctuation = BasicTokenizer.IsPunctuation(codePoint);
            if (isPunctuation)
            {
                EmitWord(scratch, destination);
            }

            AppendToWord(scratch, codePoint, chunk.Starts[i], chunk.Ends[i]);
            if (isPunctuation)
            {
                EmitWord(scratch, destination);
            }
        }
    }

    private static void AppendToWord(WordPieceScratch scratch, int codePoint, int start, int end)
    {
        scratch.WordStart = scratch.WordLength == 0 ? start : scratch.WordStart;
        scratch.WordEnd = end;
        if (++scratch.WordLength > LongestWord)
        {
            return;
        }

        if (codePoint < 0x80)
        {
            scratch.Word.Add((byte)codePoint, start, end);
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        scratch.Word.AddRange(utf8[..new Rune(codePoint).EncodeToUtf8(utf8)], start, end);
    }

    // Greedy: the longest piece that matches, then the longest that goes on, and so forth. A word that can't be written
    // so to its end is unknown as a whole.
    private void EmitWord(WordPieceScratch scratch, TokenBuffer destination)
    {
        if (scratch.WordLength == 0)
        {
            return;
        }

        var word = scratch.Word;
        var countBefore = destination.Count;
        var isKnown = scratch.WordLength <= LongestWord;
        int? node = _trie.Start;
        for (var at = 0; isKnown && at < word.Count; node = _continuation)
        {
            var (end, id) = node is { } start ? LongestPiece(word.Items, at, start) : (at, SpecialTokens.Unk);
            isKnown = end > at;
            if (isKnown)
            {
                destination.Add(id, new TokenOffset(word.Starts[at], word.Ends[end - 1]));
                at = end;
            }
        }

        if (!isKnown)
        {
            destination.Truncate(countBefore);
            destination.Add(SpecialTokens.Unk, new TokenOffset(scratch.WordStart, scratch.WordEnd));
        }

        word.Truncate(0);
        scratch.WordLength = 0;
    }

    private (int End, int Id) LongestPiece(ReadOnlySpan<byte> text, int start, int node)
    {
        var (end, id) = (start, -1);
        for (var i = start; i < text.Length && _trie.TryStep(ref node, text[i], out var value); i++)
        {
            if (value > 0)
            {
                (end, id) = (i + 1, value - 1);
            }
        }

        return (end, id);
    }

    private int Required(string path, string name, string token)
    {
        var id = _vocabulary.IdOf(token);
        return id >= 0 ? id : throw new ModelFormatException(path, $"it lacks the token '{token}', the {name}.");
    }
}
