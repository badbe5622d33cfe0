using AlbertSearch.Errors;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>
/// Puts right what a verification found. Each step is a transaction of its own that looks again before it changes anything: what a
/// user has changed meanwhile stays as it is. Used by one call at a time.
/// </summary>
internal sealed class CollectionRepair(SqliteDatabase database, GenerationIndexes indexes, QueueSignals signals, TimeProvider time, NewOperation operation)
{
    private static readonly byte[] NoHash = new byte[ContentHash.Size];

    private bool _begun;
    private long _writes;

    /// <summary>Queues documents to be embedded again as they are. Until then they are found by the chunks that they have.</summary>
    public async Task EmbedAgainAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return;
        }

        if (!_begun)
        {
            await database.Writer.RunAsync(session => QueueRows.Insert(session, operation, bulk: false, OperationRows.SealedOpen, Now()), cancellationToken).ConfigureAwait(false);
            _begun = true;
        }

        // One by one: texts may be long, and other writes wait for the transaction.
        foreach (var id in ids)
        {
            if (await database.Writer.RunAsync(session => QueueAgain(session, id), cancellationToken).ConfigureAwait(false))
            {
                _writes++;
                signals.Restore(1);
                signals.SignalWork();
            }
        }
    }

    /// <summary>Gives stored chunks new slots, with their vectors in the index.</summary>
    public async Task MoveAsync(IReadOnlyList<MisplacedChunk> chunks, CancellationToken cancellationToken)
    {
        foreach (var chunk in chunks)
        {
            await MoveAsync(chunk, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes chunks without a document.</summary>
    public async Task DeleteOrphansAsync(Generation generation, IReadOnlyList<long> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return;
        }

        var transition = new SlotTransition(indexes);
        await InTransitionAsync(
            transition,
            session =>
            {
                var deleted = 0;
                foreach (var key in keys)
                {
                    if (session.Scalar(
                        "DELETE FROM chunks WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.key = chunks.document AND documents.collection = $2) RETURNING slot",
                        key,
                        generation.Collection) is long slot)
                    {
                        Claim(generation.Key, checked((int)slot));
                        transition.Take(generation.Key, checked((int)slot), string.Empty);
                        deleted++;
                    }
                }

                session.Execute("UPDATE generations SET chunks = chunks - $2 WHERE key = $1", generation.Key, deleted);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes vectors out of the index that are not stored.</summary>
    public async Task DropAsync(Generation generation, IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        if (slots.Count == 0 || indexes.Find(generation.Key) is not { } index)
        {
            return;
        }

        // Between two transactions: a slot that is not stored and not in transition then is nobody's.
        var claimed = await database.Writer.RunAsync(
            session => slots.Where(slot => session.Scalar("SELECT 1 FROM chunks WHERE generation = $1 AND slot = $2", generation.Key, slot) is null && index.TryTakeUnknown(slot)).ToList(),
            cancellationToken).ConfigureAwait(false);
        await index.EndTransitionAsync(kept: [], dropped: claimed).ConfigureAwait(false);
    }

    /// <summary>Counts again, and ends or empties what the queue can't.</summary>
    public async Task RecountAsync(CancellationToken cancellationToken)
    {
        var (removed, ended) = await database.Writer.RunAsync(
            session =>
            {
                session.Execute(
                    """
                    UPDATE collections SET documents = (SELECT COUNT(*) FROM documents WHERE documents.collection = collections.key),
                        text_bytes = (SELECT COALESCE(SUM(octet_length(text)), 0) FROM documents WHERE documents.collection = collections.key)
                    WHERE key = $1
                    """,
                    operation.Collection);
                session.Execute("UPDATE generations SET chunks = (SELECT COUNT(*) FROM chunks WHERE chunks.generation = generations.key) WHERE collection = $1", operation.Collection);
                return RepairQueue(session);
            },
            cancellationToken).ConfigureAwait(false);
        signals.Release(removed);
        signals.End(ended);
    }

    /// <summary>Seals the operation.</summary>
    /// <returns>Its id; null when it has nothing to do.</returns>
    public async Task<string?> FinishAsync(CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            return null;
        }

        await database.Writer.RunAsync(
            session =>
            {
                session.Execute("UPDATE operations SET sealed = $2 WHERE id = $1 AND sealed = 0", operation.Id, OperationRows.SealedWhole);
                QueueRows.EndSettled(session, Now());
            },
            cancellationToken).ConfigureAwait(false);

        // What was embedded before the seal has ended the operation with it.
        var ended = await database.Readers.ReadAsync(session => OperationRows.Find(session, operation.Id)?.FinishedAt is not null, cancellationToken).ConfigureAwait(false);
        signals.End(ended ? [operation.Id] : []);
        return _writes > 0 ? operation.Id : null;
    }

    private bool QueueAgain(SqliteSession session, string id)
    {
        var (key, collection) = QueueRows.FindOpen(session, operation.Id);
        NewWrite write;
        using (var reader = session.Query("SELECT revision, metadata, CAST(text AS BLOB) FROM documents WHERE collection = $1 AND id = $2", collection, id))
        {
            if (!reader.Read())
            {
                return false;
            }

            write = new NewWrite
            {
                Kind = WriteKind.Upsert,
                DocumentId = id,
                Place = _writes,
                IfRevision = reader.GetInt64(0),
                Metadata = reader.IsDBNull(1) ? null : reader.GetString(1),
                Text = DocumentRows.ReadText(reader, 2),
            };
        }

        // With no hash the text counts as a new one.
        session.Execute("UPDATE documents SET content_hash = $3 WHERE collection = $1 AND id = $2", collection, id, NoHash);
        QueueRows.InsertWrites(session, key, collection, [write]);
        return true;
    }

    private async Task MoveAsync(MisplacedChunk chunk, CancellationToken cancellationToken)
    {
        var stored = await database.Readers.ReadAsync(
            session => session.Scalar("SELECT vector FROM chunks WHERE key = $1 AND slot = $2", chunk.Key, chunk.Slot) as byte[], cancellationToken).ConfigureAwait(false);
        var vector = new float[chunk.Generation.Settings.Dimension];
        if (stored is null || !VectorBlob.TryRead(stored, vector))
        {
            return;
        }

        var transition = new SlotTransition(indexes);
        await InTransitionAsync(
            transition,
            session =>
            {
                Claim(chunk.Generation.Key, chunk.Slot);

                // A row of its own, with a new key: snapshots of the index go by the keys.
                var slot = transition.Bring(chunk.DocumentId, new Dictionary<long, IReadOnlyList<ChunkVector>> { [chunk.Generation.Key] = [new ChunkVector(0, 0, vector)] })?[chunk.Generation.Key][0];
                if (slot is not null && session.Execute(
                    """
                    INSERT INTO chunks (generation, slot, document, ordinal, start, "end", vector)
                    SELECT generation, $3, document, ordinal, start, "end", vector FROM chunks WHERE key = $1 AND slot = $2
                    """,
                    chunk.Key,
                    chunk.Slot,
                    slot) > 0)
                {
                    session.Execute("DELETE FROM chunks WHERE key = $1", chunk.Key);
                    transition.Use(chunk.Generation.Key, slot.Value);
                    transition.Take(chunk.Generation.Key, chunk.Slot, chunk.DocumentId);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task InTransitionAsync(SlotTransition transition, Action<SqliteSession> work, CancellationToken cancellationToken)
    {
        var committed = false;
        try
        {
            await database.Writer.RunAsync(work, cancellationToken).ConfigureAwait(false);
            committed = true;
        }
        finally
        {
            await transition.EndAsync(committed).ConfigureAwait(false);
        }
    }

    // A damaged table may use a slot that the index counts as free.
    private void Claim(long generation, int slot) => indexes.Find(generation)?.Claim(slot);

    private (int Removed, List<string> Ended) RepairQueue(SqliteSession session)
    {
        session.Execute($"DELETE FROM operation_payloads WHERE sequence IN ({CounterCheck.PayloadsWithoutRow})");
        var lost = ReadRows(session, CounterCheck.RowsWithoutOperation);
        var hollow = ReadRows(session, CounterCheck.RowsWithoutPayload).Except(lost).ToList();
        foreach (var (sequence, _) in lost.Concat(hollow))
        {
            session.Execute("DELETE FROM operation_payloads WHERE sequence = $1", sequence);
            session.Execute("DELETE FROM operation_rows WHERE sequence = $1", sequence);
        }

        var ended = new List<string>();
        foreach (var group in hollow.GroupBy(row => row.Operation))
        {
            var tally = new OperationTally { Settled = group.Count() };
            tally.Failed.AddRange(group.Select(row => new FailedDocument { Code = ErrorCodes.Internal, Message = "The content of the write was lost: send the document again." }));
            if (tally.Write(session, group.Key, Now()) is { } id)
            {
                ended.Add(id);
            }
        }

        session.Execute(
            $"""
            UPDATE operations SET documents = settled + canceled + (SELECT COUNT(*) FROM operation_rows WHERE operation_rows.operation = operations.key)
            WHERE key IN (SELECT key FROM ({CounterCheck.WrongOperations}))
            """,
            operation.Collection);
        using var reader = session.Query(
            "UPDATE operations SET state = CASE state WHEN 'canceled' THEN state ELSE 'completed' END, finished_at = $2 WHERE collection = $1 AND finished_at IS NULL AND sealed > 0 AND settled + canceled >= documents RETURNING id",
            operation.Collection,
            Now());
        while (reader.Read())
        {
            ended.Add(reader.GetString(0));
        }

        return (lost.Count + hollow.Count, ended);
    }

    private List<(long Sequence, long Operation)> ReadRows(SqliteSession session, string sql)
    {
        var rows = new List<(long, long)>();
        using var reader = session.Query(sql, operation.Collection);
        while (reader.Read())
        {
            rows.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        return rows;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
