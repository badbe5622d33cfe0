using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL by which queued writes are leased. Used once, by the writer's thread.</summary>
internal sealed class LeaseRows(SqliteSession session, string owner, long now, long expires)
{
    private const string Columns =
        """
        SELECT r.sequence, r.operation, r.collection, r.kind, r.document_id, r.place, r.attempt, r.if_revision, r.bytes, operations.bulk, p.metadata, CAST(p.text AS BLOB), p.condition
        FROM operation_rows r JOIN operation_payloads p ON p.sequence = r.sequence JOIN operations ON operations.key = r.operation
        """;

    private readonly SortedDictionary<long, QueuedWrite> _leased = [];
    private long _bytes;

    /// <summary>Leases writes: first those that need no embedding with what waits before them on the same documents, then the oldest.</summary>
    /// <param name="maxWrites">Most writes.</param>
    /// <param name="maxBytes">Stops after the write that reaches this many bytes.</param>
    public List<QueuedWrite> Lease(int maxWrites, long maxBytes)
    {
        foreach (var (collection, documentId, sequence) in FindLight(maxWrites))
        {
            if (_leased.Count >= maxWrites || _bytes >= maxBytes)
            {
                break;
            }

            LeaseThrough(collection, documentId, sequence);
        }

        if (_leased.Count < maxWrites && _bytes < maxBytes)
        {
            LeaseOldest(maxWrites, maxBytes);
        }

        foreach (var sequence in _leased.Keys)
        {
            session.Execute("UPDATE operation_rows SET lease_owner = $2, lease_expires = $3 WHERE sequence = $1", sequence, owner, expires);
        }

        foreach (var operation in _leased.Values.Select(write => write.Operation).Distinct())
        {
            session.Execute("UPDATE operations SET state = 'running', started_at = COALESCE(started_at, $2) WHERE key = $1 AND state = 'accepted'", operation, now);
        }

        return [.. _leased.Values];
    }

    private List<(long Collection, string DocumentId, long Sequence)> FindLight(int limit)
    {
        var light = new List<(long, string, long)>();
        using var reader = session.Query(
            "SELECT collection, document_id, sequence FROM operation_rows INDEXED BY operation_rows_light WHERE kind <> 'upsert' AND COALESCE(lease_expires, 0) <= $1 ORDER BY sequence LIMIT $2",
            now,
            limit);
        while (reader.Read())
        {
            light.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return light;
    }

    // Together with all that waits before it; nothing when something before it is leased or put off.
    private void LeaseThrough(long collection, string documentId, long sequence)
    {
        if (session.Scalar(
            "SELECT 1 FROM operation_rows WHERE collection = $1 AND document_id = $2 AND sequence < $3 AND lease_expires > $4 LIMIT 1", collection, documentId, sequence, now) is not null)
        {
            return;
        }

        using var reader = session.Query($"{Columns} WHERE r.collection = $1 AND r.document_id = $2 AND r.sequence <= $3 ORDER BY r.sequence", collection, documentId, sequence);
        while (reader.Read())
        {
            Add(reader);
        }
    }

    private void LeaseOldest(int maxWrites, long maxBytes)
    {
        using var reader = session.Query(
            $"""
            {Columns}
            WHERE COALESCE(r.lease_expires, 0) <= $1 AND NOT EXISTS (
                SELECT 1 FROM operation_rows e WHERE e.collection = r.collection AND e.document_id = r.document_id AND e.sequence < r.sequence AND e.lease_expires > $1)
            ORDER BY r.sequence
            """,
            now);
        while (_leased.Count < maxWrites && _bytes < maxBytes && reader.Read())
        {
            Add(reader);
        }
    }

    private void Add(SqliteDataReader reader)
    {
        var sequence = reader.GetInt64(0);
        if (_leased.ContainsKey(sequence))
        {
            return;
        }

        _leased.Add(sequence, new QueuedWrite
        {
            Sequence = sequence,
            Operation = reader.GetInt64(1),
            Collection = reader.GetInt64(2),
            Kind = CollectionRows.Parse<WriteKind>(reader.GetString(3)),
            DocumentId = reader.GetString(4),
            Place = reader.GetInt64(5),
            Attempt = reader.GetInt32(6),
            IfRevision = reader.IsDBNull(7) ? null : reader.GetInt64(7),
            PlaceIsLine = reader.GetInt64(9) != 0,
            Metadata = reader.IsDBNull(10) ? null : reader.GetString(10),
            Text = reader.IsDBNull(11) ? null : DocumentRows.ReadText(reader, 11),
            Condition = reader.IsDBNull(12) ? null : reader.GetString(12),
        });
        _bytes += reader.GetInt64(8);
    }
}
