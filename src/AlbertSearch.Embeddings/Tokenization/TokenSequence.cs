namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>One model input: a framed text or pair. Immutable.</summary>
public sealed class TokenSequence
{
    /// <summary>The ids, control tokens included.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>0 for <c>[CLS] a [SEP]</c>, 1 for <c>b [SEP]</c>.</summary>
    public required IReadOnlyList<int> SegmentIds { get; init; }

    /// <summary>Places in the text that each token came from (the second text for segment 1); (0, 0) for control tokens.</summary>
    public required IReadOnlyList<TokenOffset> Offsets { get; init; }

    /// <summary>The tokens as strings, as the reference tokenizer prints them.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>Tokens that were cut to fit the limit.</summary>
    public required int TruncatedTokens { get; init; }

    /// <summary>Tokens of this sequence whose text the vocabulary can't write.</summary>
    public required int UnknownTokens { get; init; }

    /// <summary>Number of tokens, control tokens included. The attention mask is this many ones: nothing is padded.</summary>
    public int Count => Ids.Count;
}
