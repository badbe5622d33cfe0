namespace AlbertSearch;

/// <summary>How vectors are indexed. The index follows the stored vectors: a change takes effect at the next start, and costs time, never data.</summary>
public sealed class IndexOptions
{
    /// <summary>The exact index, that compares with every vector.</summary>
    public const string Flat = "flat";

    /// <summary>The graph index, that is approximate and does not slow down as the collection grows.</summary>
    public const string Hnsw = "hnsw";

    /// <summary>
    /// <see cref="Hnsw"/> or <see cref="Flat"/>, for all collections that have no setting of their own: at the next start those that were
    /// indexed the other way are indexed this way.
    /// </summary>
    public string Kind { get; set; } = Hnsw;

    /// <summary>Links that a new element of the graph gets a layer.</summary>
    public int M { get; set; } = 16;

    /// <summary>Width of the search for a new element's neighbours.</summary>
    public int EfConstruction { get; set; } = 200;

    /// <summary>Width of a search that names none.</summary>
    public int Ef { get; set; } = 64;

    /// <summary>Collections with fewer vectors are searched exactly.</summary>
    public int ExactBelow { get; set; } = 1_000;

    /// <summary>Changes after which a snapshot of the graph is saved, so that the next start has less to do.</summary>
    public int SnapshotChanges { get; set; } = 10_000;

    /// <summary>What is out of its range, with the words for what is allowed.</summary>
    internal IEnumerable<(string Name, object Value, string Allowed)> Faults()
    {
        if (Kind is not (Hnsw or Flat))
        {
            yield return (nameof(Kind), Kind, $"{Hnsw} or {Flat}");
        }

        foreach (var (name, value, least, most) in new[]
        {
            (nameof(M), M, 2, 256),
            (nameof(EfConstruction), EfConstruction, 1, 10_000),
            (nameof(Ef), Ef, 1, 10_000),
            (nameof(ExactBelow), ExactBelow, 0, int.MaxValue),
            (nameof(SnapshotChanges), SnapshotChanges, 1, int.MaxValue),
        })
        {
            if (value < least || value > most)
            {
                yield return (name, value, $"{least} to {most}");
            }
        }
    }
}
