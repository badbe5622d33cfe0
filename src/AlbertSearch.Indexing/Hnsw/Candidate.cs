namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// A node and its score as one number, so that comparing candidates is comparing integers: 32 bits of score in an order that integers have
/// too, 31 bits of the node's complement (of equal scores the smaller node is the greater key), and a bit that says "expanded" lowest.
/// </summary>
internal static class Candidate
{
    /// <summary>Set once a candidate's links were followed.</summary>
    public const ulong Expanded = 1;

    /// <summary>Makes a key; the greater the closer.</summary>
    public static ulong Key(float score, int node)
    {
        var bits = BitConverter.SingleToInt32Bits(score);

        // Positive floats order like integers; negative ones the other way round.
        var ordered = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        return ((ulong)ordered << 32) | ((ulong)(uint)(int.MaxValue - node) << 1);
    }

    /// <summary>The node of a key.</summary>
    public static int Node(ulong key) => int.MaxValue - (int)((uint)key >> 1);

    /// <summary>The score of a key.</summary>
    public static float Score(ulong key)
    {
        var ordered = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(ordered < 0 ? ordered ^ int.MinValue : ~ordered);
    }
}
