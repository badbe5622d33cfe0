using AlbertSearch.Embeddings.Tokenization.SentencePiece;
using AlbertSearch.Embeddings.Tokenization.Unicode;

namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>
/// ALBERT's tokenizer over a SentencePiece unigram model: the ids of Hugging Face's slow <c>AlbertTokenizer</c>, except
/// that control tokens written out in a text stay text. Immutable and safe for use from many threads.
/// </summary>
/// <remarks>
/// A token's offsets leave out the white space that its <c>▁</c> stands for; a token that is only a <c>▁</c> has an empty
/// range. Tokens of one replaced character, such as <c>½</c>, share its range; marks that are dropped belong to the
/// letter before them. Source: google-research/albert, <c>tokenization.py</c>; google/sentencepiece,
/// <c>normalizer.cc</c> and <c>unigram_model.cc</c>.
/// </remarks>
public sealed class SentencePieceTokenizer : ITokenizer
{
    private const byte Slow = 0;

    private readonly SentencePieceModel _model;
    private readonly UnigramVocabulary _vocabulary;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly TextPreprocessor _preprocessor;
    private readonly SequenceBuilder _sequences;
    private readonly ScratchPool<SentencePieceScratch> _scratches;
    private readonly bool _removeSpace;

    // What an ASCII character of a word becomes; Slow where its neighbours matter.
    private readonly byte[] _plain = new byte[0x80];

    private SentencePieceTokenizer(string path, SentencePieceModel model, TokenizerConfig config)
    {
        _model = model;
        SpecialTokens = new SpecialTokenIds(
            Required(path, "cls_token", config.ClsToken ?? "[CLS]"),
            Required(path, "sep_token", config.SepToken ?? "[SEP]"),
            model.IdOf(config.PadToken ?? "<pad>"),
            model.UnknownId,
            model.IdOf(config.MaskToken ?? "[MASK]"));
        model.Reserve(SpecialTokens.Cls);
        model.Reserve(SpecialTokens.Sep);
        model.Reserve(SpecialTokens.Pad);
        model.Reserve(SpecialTokens.Mask);
        _vocabulary = new UnigramVocabulary(path, model);
        _normalizer = new SentencePieceNormalizer(path, model);
        var lowerCase = config.LowerCase ?? true;
        _preprocessor = new TextPreprocessor(lowerCase, config.KeepAccents ?? false);
        _removeSpace = config.RemoveSpace ?? true;
        for (var character = '\x01'; character < _plain.Length; character++)
        {
            var lowered = lowerCase ? char.ToLowerInvariant(character) : character;
            if (_normalizer.IsPlain(lowered) && !IsSpace(character))
            {
                _plain[character] = (byte)lowered;
            }
        }

        ModelMaxLength = config.ModelMaxLength;
        _sequences = new SequenceBuilder(this);
        _scratches = new ScratchPool<SentencePieceScratch>(() => new SentencePieceScratch(_vocabulary));
    }

    /// <inheritdoc />
    public int VocabularySize => _model.Pieces.Count;

    /// <inheritdoc />
    public SpecialTokenIds SpecialTokens { get; }

    /// <inheritdoc />
    public int ModelMaxLength { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="modelPath">A <c>spiece.model</c>.</param>
    /// <param name="configPath">Its <c>tokenizer_config.json</c>, which may be missing: then ALBERT's defaults hold.</param>
    /// <exception cref="ModelFormatException">A file can't be read, is damaged, or asks for something that is not supported.</exception>
    public static SentencePieceTokenizer Load(string modelPath, string configPath) =>
        new(modelPath, SentencePieceModel.Load(modelPath), TokenizerConfig.Load(configPath));

    /// <inheritdoc />
    public string TokenOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize);
        return _model.Pieces[id];
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
        var run = new SentencePieceRun(_vocabulary, _normalizer, scratch, destination, cancellationToken);
        if (_normalizer.HasSpaceInKey)
        {
            AddWhole(text, scratch, ref run);
        }
        else
        {
            AddWords(text, scratch, ref run);
        }

        run.Finish();
        if (scratch.IsKept)
        {
            _scratches.Return(scratch);
        }
    }

    private void AddWords(ReadOnlySpan<char> text, SentencePieceScratch scratch, ref SentencePieceRun run)
    {
        for (var i = 0; i < text.Length;)
        {
            if (IsSpace(text[i]))
            {
                i++;
                continue;
            }

            var (start, isPlain) = (i, true);
            for (; i < text.Length; i++)
            {
                var character = text[i];
                if (character < _plain.Length && _plain[character] != Slow)
                {
                    isPlain &= character is not ('\'' or '`') || i + 1 == text.Length || text[i + 1] != character;
                }
                else if (IsSpace(character))
                {
                    break;
                }
                else
                {
                    isPlain = false;
                }
            }

            if (isPlain)
            {
                run.AddPlainWord(text[start..i], start, _plain);
                continue;
            }

            run.OpenWord();
            for (var (at, afterCased) = (start, false); at < i;)
            {
                at = _preprocessor.AppendBlock(text[..i], at, ref afterCased, scratch.Source);
                run.Add(scratch.Source, isLast: at == i);
            }
        }
    }

    private void AddWhole(ReadOnlySpan<char> text, SentencePieceScratch scratch, ref SentencePieceRun run)
    {
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            if (_removeSpace)
            {
                while (i < text.Length && IsSpace(text[i]))
                {
                    i++;
                }

                start = i;
                while (i < text.Length && !IsSpace(text[i]))
                {
                    i++;
                }

                if (start < i && scratch.Source.Count > 0)
                {
                    scratch.Source.Add((byte)' ', start, start);
                }
            }
            else
            {
                i = text.Length;
            }

            for (var (at, afterCased) = (start, false); at < i;)
            {
                at = _preprocessor.AppendBlock(text[..i], at, ref afterCased, scratch.Source);
                run.Add(scratch.Source, isLast: false);
            }
        }

        run.Add(scratch.Source, isLast: true);
    }

    // White space between words: all of it is in the basic plane. With remove_space off only spaces part words, and the
    // charsmap sees the rest.
    private bool IsSpace(char character) => _removeSpace
        ? character == ' ' || UnicodeTables.Has(character, CharacterProperties.WhiteSpace)
        : character == ' ';

    private int Required(string path, string name, string token)
    {
        var id = _model.IdOf(token);
        return id >= 0 ? id : throw new ModelFormatException(path, $"it lacks the piece '{token}', the {name}.");
    }
}
