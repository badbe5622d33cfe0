using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Tests;

/// <summary>Token sequences that no text stands behind.</summary>
internal static class TestSequences
{
    /// <summary>A sequence of ids, in segment 0 unless said otherwise.</summary>
    public static TokenSequence Of(int[] ids, int[]? segmentIds = null) => new()
    {
        Ids = ids,
        SegmentIds = segmentIds ?? new int[ids.Length],
        Offsets = new TokenOffset[ids.Length],
        Tokens = [.. ids.Select(id => $"w{id}")],
        TruncatedTokens = 0,
        UnknownTokens = 0,
    };
}
