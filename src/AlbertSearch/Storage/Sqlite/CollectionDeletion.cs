namespace AlbertSearch.Storage.Sqlite;

/// <summary>Deletes collections: marked in one transaction, emptied in many, so that no other write waits long.</summary>
internal sealed class CollectionDeletion(SqliteDatabase database, QueueSignals signals, TimeProvider time)
{
    private const int DocumentsPerStep = 200;
    private const int PagesPerStep = 512;

    /// <summary>Takes a collection out of sight and cancels what is queued for it.</summary>
    /// <returns>Its generations; null when it was not there.</returns>
    public async Task<List<long>?> MarkAsync(long collection, CancellationToken cancellationToken)
    {
        var (generations, removed, ended) = await database.Writer.RunAsync(
            session =>
            {
                if (session.Execute("UPDATE collections SET state = 'deleting' WHERE key = $1 AND state = 'live'", collection) == 0)
                {
                    return (null, 0, new List<string>());
                }

                var keys = CollectionRows.Generations(session, collection).ConvertAll(generation => generation.Key);
                session.Execute("UPDATE generations SET state = 'retired' WHERE collection = $1", collection);
                session.Execute("DELETE FROM operation_payloads WHERE sequence IN (SELECT sequence FROM operation_rows WHERE collection = $1)", collection);
                var rows = session.Execute("DELETE FROM operation_rows WHERE collection = $1", collection);
                return ((List<long>?)keys, rows, CancelOperations(session, collection));
            },
            cancellationToken).ConfigureAwait(false);
        StepPause.At(StepPause.DeletionMarked);
        signals.Release(removed);
        signals.End(ended);
        return generations;
    }

    /// <summary>Empties all collections that are marked, and gives the pages back to the file system.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var any = false;
        while (await database.Writer.RunAsync(PurgeStep, cancellationToken).ConfigureAwait(false))
        {
            any = true;
            StepPause.At(StepPause.DeletionStep);
        }

        while (any && await database.Writer.RunAsync(
            session =>
            {
                session.Execute($"PRAGMA incremental_vacuum({PagesPerStep})");
                return session.Integer("PRAGMA freelist_count") > 0;
            },
            cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (any)
        {
            // The file shrinks when the log is folded into it; readers may hold that up, and then it is done later.
            await database.Writer.RunAloneAsync(session => session.Execute("PRAGMA wal_checkpoint(PASSIVE)"), cancellationToken).ConfigureAwait(false);
        }
    }

    private List<string> CancelOperations(SqliteSession session, long collection)
    {
        var ended = new List<string>();
        using var reader = session.Query(
            """
            UPDATE operations SET state = 'canceled', sealed = MAX(sealed, 1), canceled = documents - settled, finished_at = $2, error = 'The collection was deleted.'
            WHERE collection = $1 AND finished_at IS NULL RETURNING id
            """,
            collection,
            time.GetUtcNow().ToUnixTimeMilliseconds());
        while (reader.Read())
        {
            ended.Add(reader.GetString(0));
        }

        return ended;
    }

    private static bool PurgeStep(SqliteSession session)
    {
        if (session.Scalar("SELECT key FROM collections WHERE state = 'deleting' LIMIT 1") is not long collection)
        {
            return false;
        }

        var documents = new List<long>();
        using (var reader = session.Query("SELECT key FROM documents WHERE collection = $1 LIMIT $2", collection, DocumentsPerStep))
        {
            while (reader.Read())
            {
                documents.Add(reader.GetInt64(0));
            }
        }

        foreach (var document in documents)
        {
            session.Execute("DELETE FROM chunks WHERE document = $1", document);
            session.Execute("DELETE FROM documents WHERE key = $1", document);
        }

        if (documents.Count == 0)
        {
            session.Execute("DELETE FROM generations WHERE collection = $1", collection);
            session.Execute("DELETE FROM collections WHERE key = $1", collection);
        }

        return true;
    }
}
