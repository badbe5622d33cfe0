using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL by which operations and their writes are queued and ended.</summary>
internal static class QueueRows
{
    /// <summary>Adds an operation without writes.</summary>
    /// <param name="session">The writer's session.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="bulk">Whether the places of its writes are lines.</param>
    /// <param name="isSealed">Whether more writes come: one of the constants of <see cref="OperationRows"/>.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    /// <returns>Its key.</returns>
    public static long Insert(SqliteSession session, NewOperation operation, bool bulk, int isSealed, long now) => session.Integer(
        """
        INSERT INTO operations (id, collection, collection_name, kind, state, bulk, sealed, created_at, idempotency_key, request_hash)
        VALUES ($1, $2, $3, $4, 'accepted', $5, $6, $7, $8, $9) RETURNING key
        """,
        operation.Id,
        operation.Collection,
        operation.CollectionName,
        CollectionRows.Word(operation.Kind),
        bulk,
        isSealed,
        now,
        operation.IdempotencyKey,
        operation.RequestHash?.ToBytes());

    /// <summary>The first operation of an idempotency key; null when there is none.</summary>
    /// <exception cref="ConflictException">It asked for something else.</exception>
    public static Operation? FindRepeated(SqliteSession session, NewOperation operation)
    {
        if (operation.IdempotencyKey is not { } key || OperationRows.FindByKey(session, key) is not { } first)
        {
            return null;
        }

        var hash = session.Scalar("SELECT request_hash FROM operations WHERE id = $1", first.Id) as byte[];
        return hash is not null && operation.RequestHash == ContentHash.FromBytes(hash)
            ? first
            : throw new ConflictException($"The idempotency key '{key}' belongs to operation '{first.Id}', which asked for something else.");
    }

    /// <summary>Adds writes to an operation.</summary>
    public static void InsertWrites(SqliteSession session, long operation, long collection, IReadOnlyList<NewWrite> writes)
    {
        foreach (var write in writes)
        {
            var bytes = Encoding.UTF8.GetByteCount(write.Text ?? string.Empty);
            var sequence = session.Integer(
                "INSERT INTO operation_rows (operation, collection, document_id, kind, place, if_revision, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING sequence",
                operation,
                collection,
                write.DocumentId,
                CollectionRows.Word(write.Kind),
                write.Place,
                write.IfRevision,
                bytes);
            session.Execute(
                "INSERT INTO operation_payloads (sequence, metadata, condition, text) VALUES ($1, $2, $3, $4)", sequence, write.Metadata, write.Condition, write.Text);
        }

        session.Execute("UPDATE operations SET documents = documents + $2 WHERE key = $1", operation, writes.Count);
    }

    /// <summary>An operation that takes more writes.</summary>
    /// <exception cref="ConflictException">It takes none.</exception>
    public static (long Key, long Collection) FindOpen(SqliteSession session, string operationId)
    {
        using var reader = session.Query("SELECT key, collection FROM operations WHERE id = $1 AND sealed = 0", operationId);
        return reader.Read()
            ? (reader.GetInt64(0), reader.GetInt64(1))
            : throw new ConflictException($"Operation '{operationId}' takes no more documents: it has ended, was canceled, or is not known.");
    }

    /// <summary>Ends the operations of which nothing is left. Few are open at a time: the index on the state finds them.</summary>
    public static void EndSettled(SqliteSession session, long now) => session.Execute(
        "UPDATE operations SET state = 'completed', finished_at = $1 WHERE state IN ('accepted', 'running') AND sealed > 0 AND settled + canceled >= documents", now);
}
