using System.Collections.Concurrent;
using System.Globalization;
using AlbertSearch.Errors;
using AlbertSearch.Filters;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The queue in SQLite's tables.</summary>
internal sealed class SqliteOperationQueue(SqliteDatabase database, QueueSignals signals, TimeProvider time, int maxWrites) : IOperationQueue
{
    // What has come back and is held up by an earlier write must not keep its lane spinning.
    private const long LeastWait = 10;

    // Operations that could not be sealed because the storage took no writes. Only who loads into an operation can seal it, and that one is gone.
    private readonly ConcurrentDictionary<string, bool> _unsealed = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public long Length => signals.Length;

    /// <inheritdoc />
    public Task<Operation> EnqueueAsync(NewOperation operation, IReadOnlyList<NewWrite> writes, CancellationToken cancellationToken = default) => RunReservedAsync(
        writes.Count,
        session =>
        {
            if (QueueRows.FindRepeated(session, operation) is { } first)
            {
                return (first, false);
            }

            QueueRows.InsertWrites(session, QueueRows.Insert(session, operation, bulk: false, OperationRows.SealedWhole, Now()), operation.Collection, writes);
            QueueRows.EndSettled(session, Now());
            return (OperationRows.Find(session, operation.Id)!, true);
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<Operation> EnqueueDeletionAsync(NewOperation operation, Filter filter, CancellationToken cancellationToken = default)
    {
        var (accepted, isNew) = await database.Writer.RunAsync(
            session =>
            {
                if (QueueRows.FindRepeated(session, operation) is { } first)
                {
                    return (first, false);
                }

                DeletionRows.Insert(session, QueueRows.Insert(session, operation, bulk: false, OperationRows.SealedWhole, Now()), operation.Collection, filter);
                QueueRows.EndSettled(session, Now());
                return (OperationRows.Find(session, operation.Id)!, true);
            },
            cancellationToken).ConfigureAwait(false);
        if (isNew)
        {
            signals.Restore(accepted.Documents);
            signals.SignalWork();
        }

        return accepted;
    }

    /// <inheritdoc />
    public Task<Operation> BeginAsync(NewOperation operation, CancellationToken cancellationToken = default) => database.Writer.RunAsync(
        session =>
        {
            if (operation.IdempotencyKey is { } key && OperationRows.FindByKey(session, key) is { } first)
            {
                throw new ConflictException($"The idempotency key '{key}' belongs to operation '{first.Id}' already.");
            }

            QueueRows.Insert(session, operation, bulk: true, OperationRows.SealedOpen, Now());
            return OperationRows.Find(session, operation.Id)!;
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<Operation> ReopenAsync(string operationId, long fromLine, CancellationToken cancellationToken = default)
    {
        await SealLeftAsync(cancellationToken).ConfigureAwait(false);
        return await database.Writer.RunAsync(session => QueueRows.Reopen(session, operationId, fromLine) ?? throw NotFound(operationId), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task AppendAsync(string operationId, IReadOnlyList<NewWrite> writes, IReadOnlyList<FailedDocument> failures, long lines, CancellationToken cancellationToken = default) =>
        RunReservedAsync(
            writes.Count,
            session =>
            {
                var (key, collection) = QueueRows.FindOpen(session, operationId);
                QueueRows.InsertWrites(session, key, collection, writes);
                OperationTally.WriteFailures(session, key, failures);
                session.Execute("UPDATE operations SET failed = failed + $2, lines = MAX(lines, $3) WHERE key = $1", key, failures.Count, lines);
                return (true, true);
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task<Operation> SealAsync(string operationId, bool cutOff, CancellationToken cancellationToken = default)
    {
        Operation operation;
        try
        {
            operation = await database.Writer.RunAsync(session => QueueRows.Seal(session, operationId, cutOff, Now()) ?? throw NotFound(operationId), cancellationToken).ConfigureAwait(false);
        }
        catch (StorageUnavailableException)
        {
            _unsealed.TryAdd(operationId, true);
            signals.SignalWork();
            throw;
        }

        _unsealed.TryRemove(operationId, out _);
        EndIfFinished(operation);
        return operation;
    }

    /// <inheritdoc />
    public async Task<Operation> CancelAsync(string operationId, CancellationToken cancellationToken = default)
    {
        var (operation, removed) = await database.Writer.RunAsync(
            session =>
            {
                var rows = QueueRows.Cancel(session, operationId, Now());
                return (OperationRows.Find(session, operationId) ?? throw NotFound(operationId), rows);
            },
            cancellationToken).ConfigureAwait(false);
        signals.Release(removed);
        signals.SignalWork();
        EndIfFinished(operation);
        return operation;
    }

    /// <inheritdoc />
    public async Task RecoverAsync(CancellationToken cancellationToken = default)
    {
        signals.Restore(await database.Writer.RunAsync(
            session =>
            {
                session.Execute("UPDATE operation_rows SET lease_owner = NULL, lease_expires = NULL WHERE lease_expires IS NOT NULL");
                session.Execute("UPDATE operations SET sealed = $1 WHERE sealed = 0", OperationRows.SealedCutOff);
                QueueRows.EndSettled(session, Now());
                return session.Integer("SELECT COUNT(*) FROM operation_rows");
            },
            cancellationToken).ConfigureAwait(false));
        signals.SignalWork();
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<QueuedWrite>> LeaseAsync(string owner, WriteLane lane, TimeSpan lease, int maxWrites, long maxBytes, CancellationToken cancellationToken = default)
    {
        await SealLeftAsync(cancellationToken).ConfigureAwait(false);

        // Looked up without the writer first: an idle queue costs no commit.
        if (!await database.Readers.ReadAsync(session => LeaseRows.Any(session, lane), cancellationToken).ConfigureAwait(false))
        {
            return [];
        }

        return await database.Writer.RunUnflushedAsync(
            session => new LeaseRows(session, owner, lane, Now(), Now() + (long)lease.TotalMilliseconds).Lease(maxWrites, maxBytes), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<int> RenewAsync(string owner, TimeSpan lease, CancellationToken cancellationToken = default) => database.Writer.RunUnflushedAsync(
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

        try
        {
            await end.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageUnavailableException error)
        {
            throw new StorageUnavailableException($"Operation '{operationId}' is accepted and waits to be applied: {error.Message}", error);
        }

        return await FindAsync(operationId, cancellationToken).ConfigureAwait(false) ?? throw NotFound(operationId);
    }

    /// <inheritdoc />
    public void ReportStall(StorageUnavailableException reason) => signals.Fail(reason);

    /// <inheritdoc />
    public async Task WaitForWorkAsync(WriteLane lane, CancellationToken cancellationToken = default)
    {
        // Writes that were put off come back by the clock, without a signal.
        var next = await database.Readers.ReadAsync(session => LeaseRows.NextExpiry(session, lane), cancellationToken).ConfigureAwait(false);
        var signal = signals.WaitForWorkAsync(lane, cancellationToken).AsTask();
        try
        {
            await (next is { } at ? signal.WaitAsync(TimeSpan.FromMilliseconds(Math.Clamp(at - Now() + 1, LeastWait, 3_600_000)), time, cancellationToken) : signal).ConfigureAwait(false);
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
    public async Task<Operation?> FindAsync(string operationId, CancellationToken cancellationToken = default) =>
        WithProgress(await database.Readers.ReadAsync(session => OperationRows.Find(session, operationId), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<Operation?> FindByKeyAsync(string idempotencyKey, CancellationToken cancellationToken = default) =>
        WithProgress(await database.Readers.ReadAsync(session => OperationRows.FindByKey(session, idempotencyKey), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<Operation?> FindLoadAsync(string idempotencyKey, long collection, CancellationToken cancellationToken = default) =>
        WithProgress(await database.Readers.ReadAsync(session => QueueRows.FindLoad(session, idempotencyKey, collection), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<OperationPage> ListAsync(OperationState? state, string? before, int limit, CancellationToken cancellationToken = default)
    {
        var from = before is null ? long.MaxValue : ParseCursor(before);
        var rows = await database.Readers.ReadAsync(session => OperationRows.List(session, state, from, limit + 1), cancellationToken).ConfigureAwait(false);
        return new OperationPage(
            [.. rows.Take(limit).Select(row => WithProgress(row.Operation)!)],
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

    // Makes up for what SealAsync could not do.
    private async Task SealLeftAsync(CancellationToken cancellationToken)
    {
        foreach (var id in _unsealed.Keys)
        {
            // Asked for again by the writer: the operation may have been sealed, and reopened, since.
            var operation = await database.Writer.RunAsync(session => _unsealed.ContainsKey(id) ? QueueRows.Seal(session, id, cutOff: true, Now()) : null, cancellationToken).ConfigureAwait(false);
            _unsealed.TryRemove(id, out _);
            EndIfFinished(operation);
        }
    }

    private void EndIfFinished(Operation? operation)
    {
        if (operation?.FinishedAt is not null)
        {
            signals.End([operation.Id]);
        }
    }

    private Operation? WithProgress(Operation? operation)
    {
        if (operation is not null && _unsealed.ContainsKey(operation.Id))
        {
            operation = operation with { CutOff = true };
        }

        if (operation?.StartedAt is not { } started)
        {
            return operation;
        }

        var seconds = Math.Max(0.001, ((operation.FinishedAt ?? time.GetUtcNow()) - started).TotalSeconds);
        var rate = operation.Done / seconds;
        return operation with
        {
            DocumentsPerSecond = rate,
            Remaining = operation.FinishedAt is null && rate > 0 ? TimeSpan.FromSeconds(Math.Min((operation.Documents - operation.Done) / rate, int.MaxValue)) : null,
        };
    }

    private async Task<T> RunReservedAsync<T>(int writes, Func<SqliteSession, (T Result, bool Queued)> work, CancellationToken cancellationToken)
    {
        if (!signals.TryReserve(writes, maxWrites))
        {
            throw new QueueFullException(
                $"The queue holds {signals.Length} documents that wait to be indexed; AlbertSearch:Queue:MaxDocuments allows {maxWrites}, and the request brings {writes}.",
                TimeSpan.FromSeconds(5));
        }

        try
        {
            var (result, queued) = await database.Writer.RunAsync(work, cancellationToken).ConfigureAwait(false);
            if (queued)
            {
                signals.SignalWork();
            }
            else
            {
                signals.Release(writes);
            }

            return result;
        }
        catch
        {
            signals.Release(writes);
            throw;
        }
    }

    private static long ParseCursor(string cursor) =>
        long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new InvalidRequestException(ErrorCodes.InvalidValue, "cursor", "The cursor is not one that a listing gave.");

    private static NotFoundException NotFound(string operationId) => new($"There is no operation '{operationId}'.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
