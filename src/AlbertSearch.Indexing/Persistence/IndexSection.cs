namespace AlbertSearch.Indexing.Persistence;

/// <summary>Sections of an index file, in their order.</summary>
internal enum IndexSection
{
    /// <summary>The slot of each row, or -1: int32.</summary>
    Slots,

    /// <summary>What each row is a twin of: uint32, twice the row and 1 if identical, or all ones.</summary>
    Twins,

    /// <summary>Lists of layer 0.</summary>
    Layer0Links,

    /// <summary>Lists above layer 0, by row and then by layer.</summary>
    UpperLinks,

    /// <summary>The scale of each row's codes: float32.</summary>
    Scales,

    /// <summary>The codes.</summary>
    Codes,

    /// <summary>CRC-32C of each block of vectors: uint32.</summary>
    BlockChecksums,

    /// <summary>The float vectors. Its checksum in the section table is 0: the blocks have their own.</summary>
    Vectors,
}
