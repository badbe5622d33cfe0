using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Server.Responses;

/// <summary>The tokens of samples.</summary>
/// <param name="Results">One for each sample, in their order; made while the answer is written.</param>
internal sealed record TokenizeResponse(IEnumerable<TokenizeResponse.TokenizedSample> Results)
{
    /// <summary>The tokens of a sample.</summary>
    /// <param name="Tokens">As strings.</param>
    /// <param name="Ids">As ids of the vocabulary.</param>
    /// <param name="AttentionMask">1 for each token: nothing is padded.</param>
    /// <param name="SegmentIds">0 for the first text with its control tokens, 1 for the second.</param>
    /// <param name="Offsets">Start and end of each token in its text, in UTF-16 code units; [0,0] for control tokens.</param>
    /// <param name="TruncatedTokens">Tokens that were cut.</param>
    /// <param name="UnknownTokens">Tokens whose text the vocabulary can't write.</param>
    internal sealed record TokenizedSample(
        IReadOnlyList<string> Tokens,
        IReadOnlyList<int> Ids,
        IReadOnlyList<int> AttentionMask,
        IReadOnlyList<int> SegmentIds,
        IReadOnlyList<int[]> Offsets,
        int TruncatedTokens,
        int UnknownTokens)
    {
        /// <summary>Describes a sequence.</summary>
        public static TokenizedSample Of(TokenSequence sequence) => new(
            sequence.Tokens,
            sequence.Ids,
            [.. Enumerable.Repeat(1, sequence.Count)],
            sequence.SegmentIds,
            [.. sequence.Offsets.Select(offset => new[] { offset.Start, offset.End })],
            sequence.TruncatedTokens,
            sequence.UnknownTokens);
    }
}
