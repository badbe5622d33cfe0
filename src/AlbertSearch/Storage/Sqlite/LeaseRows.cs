using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL by which queued writes are leased. Used once, by the writer's thread.</summary>
internal sealed class LeaseRows(SqliteSession session, string owner, WriteLane lane, long now, long expires)
{
    private const string Columns =
        "r.sequence, r.operation, r.collection, r.kind, r.document_id, r.place, r.attempt, r.if_revision, r.bytes, operations.bulk, p.metadata, CAST(p.text AS BLOB), p.condition";

    private const string Payloads = "JOIN operation_payloads AS p ON p.sequence = r.sequence JOIN operations ON operations.key = r.operation";

    private readonly SortedDictionary<long, QueuedWrite> _leased = [];
    private long _bytes;

    /// <summary>Whether a lane has any writes, leased or not.</summary>
    public static bool Any(SqliteSession session, WriteLane lane) => session.Scalar($"SELECT 1 FROM {RowsOf(lane)} LIMIT 1") is not null;

    /// <summary>When the next write of a lane that is leased or put off comes back; null when there is none.</summary>
    public static long? NextExpiry(SqliteSession session, WriteLane lane) =>
        session.Scalar($"SELECT MIN(lease_expires) FROM operation_rows INDEXED BY operation_rows_lease WHERE lease_expires IS NOT NULL AND {IsIn(lane)}") as long?;

    /// <summary>Leases writes: first those that need no embedding with what waits before them on the same documents, then the oldest.</summary>
    /// <param name="maxWrites">Most writes.</param>
    /// <param name="maxBytes">Stops after the write that reaches this many bytes.</param>
    public List<QueuedWrite> Lease(int maxWrites, long maxBytes)
    {
        foreach (var light in lane == WriteLane.Small ? FindLight(maxWrites) : [])
        {
            if (_leased.Count >= maxWrites || _bytes >= maxBytes)
            {
                break;
            }

            LeaseThrough(light);
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

    private static string IsIn(WriteLane lane) => lane == WriteLane.Large ? $"bytes > {QueuedWrite.LargeTextBytes}" : $"bytes <= {QueuedWrite.LargeTextBytes}";

    private static string IsInOther(WriteLane lane) => IsIn(lane == WriteLane.Large ? WriteLane.Small : WriteLane.Large);

    // Large writes are few among many, and have an index of their own.
    private static string RowsOf(WriteLane lane) => lane == WriteLane.Large
        ? $"operation_rows AS r INDEXED BY operation_rows_large {Payloads} WHERE r.{IsIn(lane)}"
        : $"operation_rows AS r {Payloads} WHERE r.{IsIn(lane)}";

    private List<LightWrite> FindLight(int limit)
    {
        var light = new List<LightWrite>();
        using var reader = session.Query(
            """
            SELECT r.collection, r.document_id, r.sequence, r.kind = 'delete' AND r.if_revision IS NULL AND p.condition IS NULL
            FROM operation_rows AS r INDEXED BY operation_rows_light JOIN operation_payloads AS p ON p.sequence = r.sequence
            WHERE r.kind <> 'upsert' AND COALESCE(r.lease_expires, 0) <= $1 ORDER BY r.sequence LIMIT $2
            """,
            now,
            limit);
        while (reader.Read())
        {
            light.Add(new LightWrite(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3) != 0));
        }

        return light;
    }

    // Together with all that waits before it; nothing when something before it is leased or put off, or is large and will not be deleted for certain.
    private void LeaseThrough(LightWrite light)
    {
        if (session.Scalar(
            $"SELECT 1 FROM operation_rows WHERE collection = $1 AND document_id = $2 AND sequence < $3 AND (lease_expires > $4 OR ({IsIn(WriteLane.Large)} AND NOT $5)) LIMIT 1",
            light.Collection,
            light.DocumentId,
            light.Sequence,
            now,
            light.Deletes) is not null)
        {
            return;
        }

        using var reader = session.Query(
            $"SELECT {Columns} FROM operation_rows AS r {Payloads} WHERE r.collection = $1 AND r.document_id = $2 AND r.sequence <= $3 ORDER BY r.sequence", light.Collection, light.DocumentId, light.Sequence);
        while (reader.Read())
        {
            Add(reader);
        }
    }

    private void LeaseOldest(int maxWrites, long maxBytes)
    {
        using var reader = session.Query(
            $"""
            SELECT {Columns} FROM {RowsOf(lane)}
            AND COALESCE(r.lease_expires, 0) <= $1 AND NOT EXISTS (
                SELECT 1 FROM operation_rows e WHERE e.collection = r.collection AND e.document_id = r.document_id AND e.sequence < r.sequence
                AND (e.lease_expires > $1 OR e.{IsInOther(lane)}))
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

    /// <summary>A write that needs no embedding.</summary>
    /// <param name="Collection">Its collection.</param>
    /// <param name="DocumentId">Its document.</param>
    /// <param name="Sequence">Its number.</param>
    /// <param name="Deletes">Whether it deletes the document whatever that is like: what waits before it needs no embedding either.</param>
    private readonly record struct LightWrite(long Collection, string DocumentId, long Sequence, bool Deletes);
}
