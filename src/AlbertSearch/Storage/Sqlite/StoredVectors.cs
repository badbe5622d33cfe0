using AlbertSearch.Errors;
using AlbertSearch.Indexing;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The vectors of a generation as one snapshot of the database shows them. Used by one thread.</summary>
internal sealed class StoredVectors(SqliteSession session, Generation generation)
{
    private readonly float[] _vector = new float[generation.Settings.Dimension];

    /// <summary>Takes a vector, which is overwritten afterwards.</summary>
    public delegate void Visitor(int slot, ReadOnlySpan<float> vector);

    /// <summary>Reads vectors in the order of their slots.</summary>
    /// <param name="after">Slots after this one; -1 for all.</param>
    /// <param name="limit">Most vectors; -1 for all.</param>
    /// <param name="visit">Takes each.</param>
    /// <exception cref="StorageUnavailableException">A vector is damaged.</exception>
    public void Read(int after, int limit, Visitor visit)
    {
        using var reader = session.Query("SELECT slot, vector FROM chunks WHERE generation = $1 AND slot > $2 ORDER BY slot LIMIT $3", generation.Key, after, limit);
        while (reader.Read())
        {
            var slot = reader.GetInt32(0);
            ReadVector(reader, slot, column: 1);
            visit(slot, _vector);
        }
    }

    /// <summary>The vector in a slot that the snapshot shows; overwritten by the next call.</summary>
    /// <exception cref="StorageUnavailableException">There is none, or it is damaged.</exception>
    public ReadOnlySpan<float> Read(int slot)
    {
        using var reader = session.Query("SELECT vector FROM chunks WHERE generation = $1 AND slot = $2", generation.Key, slot);
        if (!reader.Read())
        {
            throw Damaged(slot);
        }

        ReadVector(reader, slot, column: 0);
        return _vector;
    }

    /// <summary>Compares a query with every vector, without any index.</summary>
    /// <param name="query">The query.</param>
    /// <param name="allowed">Slots that may be found; null for all.</param>
    /// <param name="cancellationToken">Ends the scan early, by exception.</param>
    /// <returns>All of them, best first.</returns>
    public IVectorSearchCursor Scan(ReadOnlySpan<float> query, SlotSet? allowed, CancellationToken cancellationToken)
    {
        var asked = query.ToArray();
        var found = new List<Neighbor>();
        Read(after: -1, limit: -1, (slot, vector) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (allowed?.Contains(slot) != false)
            {
                found.Add(new Neighbor(slot, VectorScore.Compute(asked, vector)));
            }
        });
        found.Sort();
        return new ScanCursor(found);
    }

    private void ReadVector(SqliteDataReader reader, int slot, int column)
    {
        if (!VectorBlob.TryRead(raw.sqlite3_column_blob(reader.Handle, column), _vector) || !Array.TrueForAll(_vector, float.IsFinite))
        {
            throw Damaged(slot);
        }
    }

    private StorageUnavailableException Damaged(int slot) => new(
        $"The database is damaged: slot {slot} of generation {generation.Key} has not the {generation.Settings.Dimension} finite floats of its model. Restore the database from a copy.");

    private sealed class ScanCursor(List<Neighbor> found) : IVectorSearchCursor
    {
        private int _next;

        public int ReadNext(Span<Neighbor> results, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(results.Length, found.Count - _next);
            found.GetRange(_next, count).CopyTo(results);
            _next += count;
            return count;
        }

        public void Dispose() => found.Clear();
    }
}
