using System.Globalization;
using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The queue in SQLite's tables.</summary>
internal sealed class SqliteOperationQueue(SqliteDatabase database, QueueSignals signals, TimeProvider time, int maxWrites) : IOperationQueue
{
    /// <inheritdoc />
    public long Length => signals.Length;

    /// <inheritdoc />
    public Task<Operation> EnqueueAsync(NewOperation operation, IReadOnlyList<NewWrite> writes, CancellationToken cancellationToken = default) => RunReservedAsync(
        writes.Count,
        session =>
        {
            var key = Insert(session, operation, bulk: false);
            InsertWrites(session, key, operation.Collection, writes);
            if (writes.Count == 0)
            {
                End(session, key);
            }

            return OperationRows.Find(session, operation.Id)!;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<Operation> BeginAsync(NewOperation operation, CancellationToken cancellationToken = default) => database.Writer.RunAsync(
        session =>
        {
            Insert(session, operation, bulk: true);
            return OperationRows.Find(session, operation.Id)!;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task AppendAsync(string operationId, IReadOnlyList<NewWrite> writes, IReadOnlyList<FailedDocument> failures, long lines, CancellationToken cancellationToken = default) =>
        RunReservedAsync(
            writes.Count,
            session =>
            {
                var (key, collection) = FindOpen(session, operationId);
                InsertWrites(session, key, collection, writes);
                OperationTally.WriteFailures(session, key, failures);
                session.Execute("UPDATE operations SET failed = failed + $2, lines = MAX(lines, $3) WHERE key = $1", key, failures.Count, lines);
                return true;
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task<Operation> SealAsync(string operationId, CancellationToken cancellationToken = default)
    {
        var operation = await database.Writer.RunAsync(
            session =>
            {
                session.Execute("UPDATE operations SET sealed = 1 WHERE id = $1", operationId);
                EndSettled(session);
                return OperationRows.Find(session, operationId) ?? throw NotFound(operationId);
            },
            cancellationToken).ConfigureAwait(false);
        if (operation.FinishedAt is not null)
        {
            signals.End([operation.Id]);
        }

        return operation;
    }

    /// <inheritdoc />
    public async Task RecoverAsync(CancellationToken cancellationToken = default)
    {
        signals.Restore(await database.Writer.RunAsync(
            session =>
            {
                session.Execute("UPDATE operation_rows SET lease_owner = NULL, lease_expires = NULL WHERE lease_expires IS NOT NULL");
                session.Execute("UPDATE operations SET sealed = 1 WHERE sealed = 0");
                EndSettled(session);
                return session.Integer("SELECT COUNT(*) FROM operation_rows");
            },
            cancellationToken).ConfigureAwait(false));
        signals.SignalWork();
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<QueuedWrite>> LeaseAsync(string owner, TimeSpan lease, int maxWrites, long maxBytes, CancellationToken cancellationToken = default)
    {
        // Looked up without the writer first: an idle queue costs no commit.
        if (await database.Readers.ReadAsync(session => session.Scalar("SELECT 1 FROM operation_rows LIMIT 1"), cancellationToken).ConfigureAwait(false) is null)
        {
            return [];
        }

        return await database.Writer.RunUnflushedAsync(
            session => new LeaseRows(session, owner, Now(), Now() + (long)lease.TotalMilliseconds).Lease(maxWrites, maxBytes), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task RenewAsync(string owner, TimeSpan lease, CancellationToken cancellationToken = default) => database.Writer.RunUnflushedAsync(
        session => session.Execute(
            "UPDATE operation_rows SET lease_expires = $2 WHERE lease_expires IS NOT NULL AND lease_owner = $1", owner, Now() + (long)lease.TotalMilliseconds),
        cancellationToken);

    /// <inheritdoc />
    public async Task ReleaseAsync(string owner, CancellationToken cancellationToken = default)
    {
        await database.Writer.RunUnflushedAsync(
            session => session.Execute("UPDATE operation_rows SET lease_owner = NULL, lease_expires = NULL WHERE lease_expires IS NOT NULL AND lease_owner = $1", owner),
            cancellationToken).ConfigureAwait(false);
        signals.SignalWork();
    }

    /// <inheritdoc />
    public async Task ReleaseAsync(string owner, IReadOnlyList<QueuedWrite> writes, CancellationToken cancellationToken = default)
    {
        await database.Writer.RunAsync(
            session =>
            {
                foreach (var write in writes)
                {
                    session.Execute("UPDATE operation_rows SET lease_owner = NULL, lease_expires = NULL WHERE sequence = $1 AND lease_owner = $2", write.Sequence, owner);
                }
            },
            cancellationToken).ConfigureAwait(false);
        signals.SignalWork();
    }

    /// <inheritdoc />
    public async Task FailAsync(QueuedWrite write, string owner, string reason, TimeSpan putOff, int maxAttempts, CancellationToken cancellationToken = default)
    {
        var (parked, ended) = await database.Writer.RunAsync(
            session =>
            {
                if (session.Scalar("SELECT lease_owner FROM operation_rows WHERE sequence = $1", write.Sequence) as string != owner)
                {
                    return (false, null);
                }

                if (write.Attempt + 1 < maxAttempts)
                {
                    session.Execute(
                        "UPDATE operation_rows SET attempt = attempt + 1, lease_owner = NULL, lease_expires = $2, error = $3 WHERE sequence = $1",
                        write.Sequence,
                        Now() + (long)putOff.TotalMilliseconds,
                        reason);
                    return (false, null);
                }

                session.Execute("DELETE FROM operation_payloads WHERE sequence = $1", write.Sequence);
                session.Execute("DELETE FROM operation_rows WHERE sequence = $1", write.Sequence);
                var tally = new OperationTally { Settled = 1 };
                tally.Failed.Add(write.ToFailure(ErrorCodes.Internal, $"Gave up after {maxAttempts} tries: {reason}"));
                return (true, tally.Write(session, write.Operation, Now()));
            },
            cancellationToken).ConfigureAwait(false);
        if (parked)
        {
            signals.Release(1);
            signals.End(ended is null ? [] : [ended]);
        }

        signals.SignalWork();
    }

    /// <inheritdoc />
    public async Task<Operation> WaitAsync(string operationId, CancellationToken cancellationToken = default)
    {
        // Asked for before looking, so that an end between the two is not missed.
        var end = signals.EndOf(operationId);
        var operation = await FindAsync(operationId, cancellationToken).ConfigureAwait(false);
        if (operation is null || operation.FinishedAt is not null)
        {
            signals.End([operationId]);
            return operation ?? throw NotFound(operationId);
        }

        await end.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await FindAsync(operationId, cancellationToken).ConfigureAwait(false) ?? throw NotFound(operationId);
    }

    /// <inheritdoc />
    public async Task WaitForWorkAsync(CancellationToken cancellationToken = default)
    {
        // Writes that were put off come back by the clock, without a signal.
        var next = await database.Readers.ReadAsync(
            session => session.Scalar("SELECT MIN(lease_expires) FROM operation_rows WHERE lease_expires IS NOT NULL") as long?, cancellationToken).ConfigureAwait(false);
        var signal = signals.WaitForWorkAsync(cancellationToken).AsTask();
        try
        {
            await (next is { } at ? signal.WaitAsync(TimeSpan.FromMilliseconds(Math.Clamp(at - Now() + 1, 1, 3_600_000)), time, cancellationToken) : signal).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The signal that is waited for no longer is taken by the next wait at once, as if it had come now.
            signals.SignalWork();
        }
    }

    /// <inheritdoc />
    public Task WaitForRoomAsync(int writes, CancellationToken cancellationToken = default)
    {
        var room = signals.NextRoom;
        return signals.Length + writes <= maxWrites ? Task.CompletedTask : room.WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public Task<Operation?> FindAsync(string operationId, CancellationToken cancellationToken = default) =>
        database.Readers.ReadAsync(session => OperationRows.Find(session, operationId), cancellationToken);

    /// <inheritdoc />
    public async Task<OperationPage> ListAsync(OperationState? state, string? before, int limit, CancellationToken cancellationToken = default)
    {
        var from = before is null ? long.MaxValue : ParseCursor(before);
        var rows = await database.Readers.ReadAsync(session => OperationRows.List(session, state, from, limit + 1), cancellationToken).ConfigureAwait(false);
        return new OperationPage(
            [.. rows.Take(limit).Select(row => row.Operation)],
            rows.Count <= limit ? null : rows[limit - 1].Key.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc />
    public Task<int> PurgeAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken = default) => database.Writer.RunAsync(
        session =>
        {
            var before = endedBefore.ToUnixTimeMilliseconds();
            session.Execute("DELETE FROM operation_failures WHERE operation IN (SELECT key FROM operations WHERE finished_at < $1)", before);
            return session.Execute("DELETE FROM operations WHERE finished_at < $1", before);
        },
        cancellationToken);

    private async Task<T> RunReservedAsync<T>(int writes, Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        if (!signals.TryReserve(writes, maxWrites))
        {
            throw new QueueFullException(
                $"The queue holds {signals.Length} documents that wait to be indexed; AlbertSearch:Queue:MaxDocuments allows {maxWrites}, and the request brings {writes}.",
                TimeSpan.FromSeconds(5));
        }

        try
        {
            var result = await database.Writer.RunAsync(work, cancellationToken).ConfigureAwait(false);
            signals.SignalWork();
            return result;
        }
        catch
        {
            signals.Release(writes);
            throw;
        }
    }

    private long Insert(SqliteSession session, NewOperation operation, bool bulk) => session.Integer(
        "INSERT INTO operations (id, collection, collection_name, kind, state, bulk, sealed, created_at) VALUES ($1, $2, $3, $4, 'accepted', $5, $6, $7) RETURNING key",
        operation.Id,
        operation.Collection,
        operation.CollectionName,
        CollectionRows.Word(operation.Kind),
        bulk,
        !bulk,
        Now());

    private static void InsertWrites(SqliteSession session, long operation, long collection, IReadOnlyList<NewWrite> writes)
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
            session.Execute("INSERT INTO operation_payloads (sequence, metadata, text) VALUES ($1, $2, $3)", sequence, write.Metadata, write.Text);
        }

        session.Execute("UPDATE operations SET documents = documents + $2 WHERE key = $1", operation, writes.Count);
    }

    private static (long Key, long Collection) FindOpen(SqliteSession session, string operationId)
    {
        using var reader = session.Query("SELECT key, collection FROM operations WHERE id = $1 AND sealed = 0", operationId);
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : throw NotFound(operationId);
    }

    private void End(SqliteSession session, long operation) =>
        session.Execute("UPDATE operations SET state = 'completed', finished_at = $2 WHERE key = $1", operation, Now());

    // Few are open at a time: the index on the state finds them.
    private void EndSettled(SqliteSession session) => session.Execute(
        "UPDATE operations SET state = 'completed', finished_at = $1 WHERE state IN ('accepted', 'running') AND sealed = 1 AND settled >= documents", Now());

    private static long ParseCursor(string cursor) =>
        long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new InvalidRequestException(ErrorCodes.InvalidValue, "cursor", "The cursor is not one that a listing gave.");

    private static NotFoundException NotFound(string operationId) => new($"There is no operation '{operationId}'.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
