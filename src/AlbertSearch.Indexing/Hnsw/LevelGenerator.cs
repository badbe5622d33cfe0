namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Levels of the graph's nodes: l = ⌊−ln(U)·mL⌋ with mL = 1/ln M (Malkov &amp; Yashunin, Alg. 1, line 4).
/// U is a hash of seed and node rather than the next of a sequence, so that the level depends neither on the order in which threads arrive
/// nor on a file's word for it, and a node that is used again keeps its level.
/// </summary>
/// <param name="m">Links a layer.</param>
/// <param name="seed">Another seed gives other levels.</param>
internal readonly struct LevelGenerator(int m, ulong seed)
{
    /// <summary>Highest level. At M 2 one node in 2¹⁵ would lie above.</summary>
    public const int MaxLevel = 15;

    private readonly double _normalization = 1 / Math.Log(m);

    /// <summary>The level of a node.</summary>
    public int LevelOf(int node)
    {
        // SplitMix64's output function.
        var z = seed + (((ulong)node + 1) * 0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        z ^= z >> 31;
        var uniform = ((z >> 11) + 1) * (1.0 / (1UL << 53));
        return (int)Math.Min(MaxLevel, -Math.Log(uniform) * _normalization);
    }
}
