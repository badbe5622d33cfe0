namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Parameters of the graph, by the names of Malkov &amp; Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs" (arXiv:1603.09320).</summary>
public sealed record HnswOptions
{
    /// <summary>Links that a new element gets a layer, from 2 to 256. A list holds twice as many on layer 0.</summary>
    public int M { get; init; } = 16;

    /// <summary>Width of the search for a new element's neighbours, from 1 to 10,000; at least <see cref="M"/> is used.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Width of a search that names none, from 1 to 10,000.</summary>
    public int Ef { get; init; } = 64;

    /// <summary>Decides the elements' levels. Same seed and order of insertion on one thread: same graph.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>
    /// Folder of scratch files that new float vectors are kept in, mapped rather than resident, until the next save moves them to its
    /// file; null keeps them in memory until then. The files are gone when the index is.
    /// </summary>
    public string? VectorFolder { get; init; }

    /// <summary>Share of the graph's elements that may be tombstones before they are repaired in the background; 1 leaves it to <see cref="HnswIndex"/>.</summary>
    public double RepairAt { get; init; } = 0.1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check(M, 2, 256, nameof(M));
        Check(EfConstruction, 1, 10_000, nameof(EfConstruction));
        Check(Ef, 1, 10_000, nameof(Ef));
        if (!(RepairAt is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(RepairAt), RepairAt, "Allowed are values over 0 and up to 1.");
        }
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Allowed are values from {least} to {most}.");
        }
    }
}
