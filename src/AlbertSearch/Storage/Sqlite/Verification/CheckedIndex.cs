using AlbertSearch.Collections;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>
/// A generation's index as a check sees it: taken under a ticket, before the snapshot of the database. An index that is being replaced
/// because its file is damaged is left out: what replaces it is filled from the tables.
/// </summary>
/// <param name="generation">The generation, as the snapshot shows it.</param>
/// <param name="slots">Its slots.</param>
/// <param name="vectors">Its vectors when the ticket was taken.</param>
internal sealed class CheckedIndex(Generation generation, GenerationIndex slots, IVectorIndex vectors)
{
    /// <summary>The generation.</summary>
    public Generation Generation { get; } = generation;

    /// <summary>One more than the highest slot that was ever in use.</summary>
    public int SlotCount => slots.SlotCount;

    // One that was replaced lacks what came later.
    private bool IsInPlace => slots.Index == vectors && vectors is not RebuildingIndex { IsFilled: false };

    /// <summary>Compares a stored vector with the index.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="vector">The stored vector, of length 1.</param>
    /// <param name="tolerance">By how much the dot product of the two may be off from 1.</param>
    /// <returns>What is off; null for nothing.</returns>
    public FindingKind? FaultOf(int slot, ReadOnlySpan<float> vector, float tolerance)
    {
        if (!IsInPlace)
        {
            return null;
        }

        try
        {
            FindingKind? fault = !vectors.Contains(slot)
                ? FindingKind.MissingInIndex
                : Math.Abs(vectors.Score(vector, slot) - 1) <= tolerance ? null : FindingKind.DiffersInIndex;
            return IsInPlace ? fault : null;
        }
        catch (IndexFormatException error)
        {
            slots.Replace(vectors, error);
            return null;
        }
    }

    /// <summary>Whether the index has a vector in a slot that the snapshot doesn't show, and that is not between two states of the database.</summary>
    public bool HasUnknown(int slot) =>
        // In this order: what is in transition stays so for as long as the ticket is held.
        IsInPlace && vectors.Contains(slot) && slots.FindInTransition(slot) is null && IsInPlace;
}
