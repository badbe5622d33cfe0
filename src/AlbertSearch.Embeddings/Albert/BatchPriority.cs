namespace AlbertSearch.Embeddings.Albert;

/// <summary>Who waits for a batch.</summary>
public enum BatchPriority
{
    /// <summary>A person or a query: goes ahead of <see cref="Bulk"/> work after some milliseconds, within a layer.</summary>
    Interactive,

    /// <summary>An import or a re-index.</summary>
    Bulk,
}
