namespace AlbertSearch.Indexing;

/// <summary>How a search goes about it.</summary>
public readonly record struct VectorSearchParameters
{
    /// <summary>Width of the search on layer 0 of a graph; 0 for the index's default. At least the number of results is used.</summary>
    public int Ef { get; init; }

    /// <summary>Compare with every vector: always the true answer.</summary>
    public bool Exact { get; init; }

    /// <summary>The slots that may be found; null for all.</summary>
    public SlotSet? Allowed { get; init; }
}
