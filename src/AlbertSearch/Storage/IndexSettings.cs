namespace AlbertSearch.Storage;

/// <summary>
/// How the vectors of a collection are indexed, where that is its own; what is null follows the configuration, also when that changes.
/// </summary>
public sealed record IndexSettings
{
    /// <summary><c>flat</c> or <c>hnsw</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Links that a new element of the graph gets a layer, from 2 to 256.</summary>
    public int? M { get; init; }

    /// <summary>Width of the search for a new element's neighbours, from 1 to 10,000.</summary>
    public int? EfConstruction { get; init; }

    /// <summary>Width of a search that names none, from 1 to 10,000.</summary>
    public int? Ef { get; init; }

    /// <summary>With fewer vectors searches are exact; 0 or more.</summary>
    public int? ExactBelow { get; init; }

    /// <summary>These settings, and the configured ones where they say nothing.</summary>
    public IndexOptions Over(IndexOptions configured)
    {
        ArgumentNullException.ThrowIfNull(configured);
        return new IndexOptions
        {
            Kind = Kind ?? configured.Kind,
            M = M ?? configured.M,
            EfConstruction = EfConstruction ?? configured.EfConstruction,
            Ef = Ef ?? configured.Ef,
            ExactBelow = ExactBelow ?? configured.ExactBelow,
            SnapshotChanges = configured.SnapshotChanges,
        };
    }
}
