namespace AlbertSearch;

/// <summary>Bounds on what a request may hold; each is named in the error that it causes.</summary>
public sealed class LimitOptions
{
    /// <summary>Most hits of a search.</summary>
    public int K { get; set; } = 1_000;

    /// <summary>Most of <c>offset</c> + <c>k</c>.</summary>
    public int OffsetPlusK { get; set; } = 10_000;

    /// <summary>Most queries, samples or texts of a request.</summary>
    public int Samples { get; set; } = 1_024;

    /// <summary>Most bytes of a JSON body.</summary>
    public long JsonBodyBytes { get; set; } = 32L << 20;

    /// <summary>Most bytes of a line of NDJSON.</summary>
    public int LineBytes { get; set; } = 4 << 20;

    /// <summary>Most bytes of a document's or query's text, in UTF-8.</summary>
    public int TextBytes { get; set; } = 1 << 20;

    /// <summary>Most bytes of a document's id, in UTF-8.</summary>
    public int IdBytes { get; set; } = 512;

    /// <summary>Most bytes of a document's metadata, as compact JSON in UTF-8.</summary>
    public int MetadataBytes { get; set; } = 64 << 10;

    /// <summary>Most levels of a document's metadata; the object itself is the first.</summary>
    public int MetadataDepth { get; set; } = 16;

    /// <summary>Largest <c>ef</c> of a search.</summary>
    public int Ef { get; set; } = 10_000;

    /// <summary>Most documents or operations of a page of a listing.</summary>
    public int PageSize { get; set; } = 1_000;

    /// <summary>Most bytes of a filter, as compact JSON in UTF-8.</summary>
    public int FilterBytes { get; set; } = 1 << 20;

    /// <summary>Most levels of a filter.</summary>
    public int FilterDepth { get; set; } = 16;

    /// <summary>Most conditions of a filter.</summary>
    public int FilterConditions { get; set; } = 256;

    /// <summary>Most values of all <c>in</c> and <c>nin</c> of a filter.</summary>
    public int FilterValues { get; set; } = 1_024;
}
