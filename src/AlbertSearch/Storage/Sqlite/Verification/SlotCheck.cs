using System.Globalization;
using AlbertSearch.Collections;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>Compares the slots of a generation's chunks with those of its index. Used by one thread, in one snapshot that was taken after a ticket of the index.</summary>
internal sealed class SlotCheck(SqliteSession session, CheckedIndex index, VerificationFindings findings)
{
    private const int SlotsPerPage = 5_000;

    /// <summary>Rows of chunks without a document.</summary>
    public List<long> Orphans { get; } = [];

    /// <summary>Slots that the index has and the tables don't.</summary>
    public List<int> Unknown { get; } = [];

    /// <summary>Checks a page of slots.</summary>
    /// <param name="after">The last slot of the page before; -1 for the first page.</param>
    /// <returns>The last slot of the page; null when there are no more.</returns>
    public int? CheckPage(int after)
    {
        var rows = 0;
        var last = after;
        using var reader = session.Query(
            """
            SELECT chunks.slot, chunks.key, documents.key FROM chunks INDEXED BY chunks_place
            LEFT JOIN documents ON documents.key = chunks.document AND documents.collection = $3
            WHERE chunks.generation = $1 AND chunks.slot > $2 ORDER BY chunks.slot LIMIT $4
            """,
            index.Generation.Key,
            after,
            index.Generation.Collection,
            SlotsPerPage);
        for (; reader.Read(); rows++)
        {
            var slot = reader.GetInt32(0);
            if (slot == last)
            {
                findings.Add(FindingKind.SlotUsedTwice, Describe(slot));
            }

            CheckGap(last + 1, slot);
            if (reader.IsDBNull(2))
            {
                findings.Add(FindingKind.ChunkWithoutDocument, Describe(slot));
                Orphans.Add(reader.GetInt64(1));
            }

            last = slot;
        }

        if (rows == SlotsPerPage)
        {
            return last;
        }

        CheckGap(last + 1, int.MaxValue);
        return null;
    }

    private void CheckGap(int from, int to)
    {
        to = Math.Min(to, index.SlotCount);
        for (var slot = from; slot < to; slot++)
        {
            if (index.HasUnknown(slot))
            {
                findings.Add(FindingKind.UnknownInIndex, Describe(slot));
                Unknown.Add(slot);
            }
        }
    }

    private static string Describe(int slot) => string.Create(CultureInfo.InvariantCulture, $"slot {slot}");
}
