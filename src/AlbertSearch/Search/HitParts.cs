namespace AlbertSearch.Search;

/// <summary>What a hit carries besides id, score and the place of its best chunk.</summary>
[Flags]
public enum HitParts
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>The document's text.</summary>
    Text = 1,

    /// <summary>The document's metadata.</summary>
    Metadata = 2,

    /// <summary>The best chunk's vector.</summary>
    Vector = 4,

    /// <summary>Every chunk of the document with its place and score.</summary>
    Chunks = 8,

    /// <summary>The sentence of the best chunk that is nearest to the query: one of the chunk's first 32.</summary>
    Sentence = 16,
}
