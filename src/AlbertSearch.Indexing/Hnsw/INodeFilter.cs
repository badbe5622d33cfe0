namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Which nodes a filtered walk may find; implemented by structures, so that the walk is compiled for each.</summary>
internal interface INodeFilter
{
    /// <summary>Whether the walk may find a node; if not, it walks through it.</summary>
    bool Accepts(int node);
}
