namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Turns text into the ids of a model's vocabulary. Implementations are immutable and safe for use from many threads.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids: every id is in [0, VocabularySize).</summary>
    int VocabularySize { get; }

    /// <summary>The ids that frame a sequence.</summary>
    SpecialTokenIds SpecialTokens { get; }

    /// <summary><c>model_max_length</c> of <c>tokenizer_config.json</c>, control tokens included; <see cref="int.MaxValue"/> when it says nothing.</summary>
    int ModelMaxLength { get; }

    /// <summary>The vocabulary's string for an id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    string TokenOf(int id);

    /// <summary>
    /// Appends the pieces of <paramref name="text"/> to <paramref name="destination"/>, without control tokens.
    /// Text is data: a literal <c>[SEP]</c> in it never becomes a control id. Time is linear in the length of the text.
    /// </summary>
    /// <param name="text">Any UTF-16; lone surrogates count as U+FFFD.</param>
    /// <param name="destination">Receives ids and UTF-16 offsets into <paramref name="text"/>.</param>
    /// <param name="cancellationToken">Looked at every few thousand characters.</param>
    void Tokenize(ReadOnlySpan<char> text, TokenBuffer destination, CancellationToken cancellationToken = default);

    /// <summary>Frames one text as <c>[CLS] a [SEP]</c>, or a pair as <c>[CLS] a [SEP] b [SEP]</c>, cut to <paramref name="maxTokens"/> longest-first.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="pair">The second text, or null for a single one.</param>
    /// <param name="maxTokens">Limit on the whole sequence, control tokens included; at least 2, or 3 for a pair.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    TokenSequence Encode(string text, string? pair = null, int maxTokens = int.MaxValue, CancellationToken cancellationToken = default);
}
