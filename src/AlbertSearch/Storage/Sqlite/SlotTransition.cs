namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// The slots of all generations that one transaction brings or takes away. It counts as a running write of each from its first slot until it
/// is decided. Used by one thread at a time.
/// </summary>
internal sealed class SlotTransition(GenerationIndexes indexes)
{
    private readonly Dictionary<GenerationIndex, (List<int> Brought, List<int> Taken, long Ticket)> _slots = [];
    private readonly HashSet<(GenerationIndex Index, int Slot)> _unused = [];

    /// <summary>Inserts the vectors of a document's chunks.</summary>
    /// <returns>Their slots by generation, in the order of the chunks; null when a generation is not there any more.</returns>
    public Dictionary<long, int[]>? Bring(string documentId, IReadOnlyDictionary<long, IReadOnlyList<ChunkVector>> chunks)
    {
        var slots = new Dictionary<long, int[]>(chunks.Count);
        foreach (var (generation, vectors) in chunks)
        {
            if (indexes.Find(generation) is not { } index)
            {
                return null;
            }

            var brought = EntryOf(index).Brought;
            slots[generation] = [.. vectors.Select(chunk =>
            {
                var slot = index.InsertInTransition(documentId, chunk.Vector);
                brought.Add(slot);
                _unused.Add((index, slot));
                return slot;
            })];
        }

        return slots;
    }

    /// <summary>Notes that a brought slot is in the database.</summary>
    public void Use(long generation, int slot) => _unused.Remove((indexes.Find(generation)!, slot));

    /// <summary>Notes that a slot vanishes from the database.</summary>
    public void Take(long generation, int slot, string documentId)
    {
        if (indexes.Find(generation) is { } index)
        {
            index.MarkInTransition(slot, documentId);
            EntryOf(index).Taken.Add(slot);
        }
    }

    /// <summary>Ends the transition after the transaction.</summary>
    /// <param name="committed">False when the transaction was rolled back: what was brought goes, and what was taken stays.</param>
    public Task EndAsync(bool committed) => Task.WhenAll(_slots.Select(entry =>
    {
        var (index, (brought, taken, ticket)) = entry;
        index.Writes.Leave(ticket);
        var used = committed ? brought.Where(slot => !_unused.Contains((index, slot))).ToList() : [];
        var unused = committed ? brought.Where(slot => _unused.Contains((index, slot))).ToList() : brought;
        return committed
            ? index.EndTransitionAsync(kept: used, dropped: [.. unused, .. taken])
            : index.EndTransitionAsync(kept: taken, dropped: unused);
    }));

    private (List<int> Brought, List<int> Taken, long Ticket) EntryOf(GenerationIndex index)
    {
        if (!_slots.TryGetValue(index, out var entry))
        {
            entry = ([], [], index.Writes.Enter());
            _slots.Add(index, entry);
        }

        return entry;
    }
}
