using AlbertSearch.Indexing;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>A generation's index for as long as a ticket is held.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Index">Its index.</param>
/// <param name="Vectors">The vectors; null while they are being filled in, and there is nothing to compare with.</param>
internal sealed record HeldIndex(Generation Generation, GenerationIndex Index, IVectorIndex? Vectors)
{
    /// <summary>Holds an index whose ticket is held.</summary>
    public static HeldIndex Of(Generation generation, GenerationIndex index) =>
        new(generation, index, index.Index is var vectors && vectors is RebuildingIndex { IsFilled: false } ? null : vectors);

    /// <summary>Whether what was compared with is still in place: an index that was replaced lacks what came after.</summary>
    public bool IsInPlace => Index.Index == Vectors;
}
