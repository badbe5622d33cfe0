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

        // The collection by its key: one that was deleted and made again is another.
        var hash = session.Scalar("SELECT request_hash FROM operations WHERE id = $1 AND collection = $2", first.Id, operation.Collection) as byte[];
        return hash is not null && operation.RequestHash == ContentHash.FromBytes(hash)
            ? first
            : throw Misused(key, first);
    }

    /// <summary>The bulk load of an idempotency key; null when the key is not known.</summary>
    /// <exception cref="ConflictException">The key belongs to a request of another kind, or for another collection.</exception>
    public static Operation? FindLoad(SqliteSession session, string key, long collection)
    {
        var first = OperationRows.FindByKey(session, key);
        return first is null || session.Scalar("SELECT 1 FROM operations WHERE id = $1 AND collection = $2 AND bulk", first.Id, collection) is not null
            ? first
            : throw Misused(key, first);
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

    /// <summary>Lets an operation whose body was cut off take more writes.</summary>
    /// <returns>The operation; null when it is not known.</returns>
    /// <exception cref="ConflictException">It is whole, canceled, or still coming in.</exception>
    /// <exception cref="InvalidRequestException">Lines would be left out.</exception>
    public static Operation? Reopen(SqliteSession session, string operationId, long fromLine)
    {
        if (OperationRows.Find(session, operationId) is not { } operation)
        {
            return null;
        }

        if (!operation.CutOff || operation.State == OperationState.Canceled)
        {
            throw new ConflictException($"Operation '{operationId}' can't be continued: it is {(operation.State == OperationState.Canceled ? "canceled" : "whole, or still coming in")}.");
        }

        if (fromLine < 1 || fromLine > operation.Lines + 1)
        {
            throw new InvalidRequestException(
                ErrorCodes.InvalidValue, "from", $"from is {fromLine}; {operation.Lines} lines of operation '{operationId}' are dealt with, so 1 to {operation.Lines + 1} are allowed.");
        }

        session.Execute("UPDATE operations SET sealed = $2, finished_at = NULL, state = CASE WHEN settled > 0 THEN 'running' ELSE 'accepted' END WHERE id = $1", operationId, OperationRows.SealedOpen);
        return OperationRows.Find(session, operationId);
    }

    /// <summary>Lets an operation take no more writes, and ends it when nothing of it is left.</summary>
    /// <returns>The operation; null when it is not known.</returns>
    public static Operation? Seal(SqliteSession session, string operationId, bool cutOff, long now)
    {
        session.Execute("UPDATE operations SET sealed = $2 WHERE id = $1 AND sealed = 0", operationId, cutOff ? OperationRows.SealedCutOff : OperationRows.SealedWhole);
        EndSettled(session, now);
        return OperationRows.Find(session, operationId);
    }

    /// <summary>Takes an operation's writes out of the queue, leased or not. One that has ended stays as it is.</summary>
    /// <returns>How many there were.</returns>
    public static int Cancel(SqliteSession session, string operationId, long now)
    {
        if (session.Scalar("SELECT key FROM operations WHERE id = $1 AND finished_at IS NULL", operationId) is not long key)
        {
            return 0;
        }

        // What is leased, too: it is not applied without its row.
        session.Execute("DELETE FROM operation_payloads WHERE sequence IN (SELECT sequence FROM operation_rows WHERE operation = $1)", key);
        var rows = session.Execute("DELETE FROM operation_rows WHERE operation = $1", key);
        session.Execute(
            "UPDATE operations SET state = 'canceled', sealed = MAX(sealed, $4), canceled = canceled + $2, finished_at = CASE WHEN settled + canceled + $2 >= documents THEN $3 END WHERE key = $1",
            key,
            rows,
            now,
            OperationRows.SealedWhole);
        return rows;
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

    private static ConflictException Misused(string key, Operation first) =>
        new($"The idempotency key '{key}' belongs to operation '{first.Id}', which asked for something else, or for another collection.");
}
