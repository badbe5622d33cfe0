namespace AlbertSearch.Search;

/// <summary>What a hit stands for.</summary>
public enum HitGrouping
{
    /// <summary>A document, with the score of its best chunk.</summary>
    Document,

    /// <summary>A chunk: a document may be hit several times.</summary>
    Chunk,
}
