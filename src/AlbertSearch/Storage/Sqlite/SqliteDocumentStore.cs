using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Filters;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Documents in SQLite, with their vectors in memory too. The tables are the truth; the indexes follow them.</summary>
internal sealed class SqliteDocumentStore(SqliteDatabase database, GenerationIndexes indexes, QueueSignals signals, LimitOptions limits, TimeProvider time, ILogger<SqliteDocumentStore> logger)
    : IDocumentStore, IAsyncDisposable
{
    private const int RecallSeed = 1;

    private readonly Lock _lock = new();
    private readonly HashSet<Task> _transitions = [];

    /// <summary>Brings up the indexes of all generations.</summary>
    /// <exception cref="StorageUnavailableException">A stored vector is damaged.</exception>
    public async Task RestoreIndexesAsync(CancellationToken cancellationToken)
    {
        await indexes.DeleteUnlistedFilesAsync(cancellationToken).ConfigureAwait(false);
        foreach (var collection in await ListCollectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var generation in collection.Generations)
            {
                var started = time.GetTimestamp();
                await indexes.RestoreAsync(generation, cancellationToken).ConfigureAwait(false);
                logger.LogInformation(
                    "Restored {Count} vectors of collection '{Collection}' in {Seconds:0.0} s.",
                    indexes.Find(generation.Key)!.Index.Count,
                    collection.Name,
                    time.GetElapsedTime(started).TotalSeconds);
            }
        }
    }

    /// <summary>Saves the graphs that have changed so much.</summary>
    public async Task SaveIndexesAsync(int leastChanges, CancellationToken cancellationToken)
    {
        if (!indexes.All.Any(index => index.Changes >= leastChanges))
        {
            return;
        }

        // Looked up before the graphs are written: what is committed is in them.
        var applied = await database.Readers.ReadAsync(
            session => session.Integer("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'"), cancellationToken).ConfigureAwait(false);
        await indexes.SaveAsync(leastChanges, applied, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoredCollection>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        await database.Readers.ReadAsync(CollectionRows.List, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<StoredCollection> CreateCollectionAsync(string name, GenerationSettings settings, CancellationToken cancellationToken = default)
    {
        var (collection, isNew) = await database.Writer.RunAsync(
            session =>
            {
                if (CollectionRows.Find(session, name) is { } existing)
                {
                    return (existing, false);
                }

                var key = CollectionRows.Insert(session, name, Now());
                CollectionRows.InsertGeneration(session, key, GenerationState.Live, settings, Now());
                return (CollectionRows.Find(session, name)!, true);
            },
            cancellationToken).ConfigureAwait(false);
        if (isNew)
        {
            indexes.Add(collection.Live!);
        }

        return collection;
    }

    /// <inheritdoc />
    public async Task<StoredCollection> ReplaceEmptyGenerationAsync(long collection, GenerationSettings settings, CancellationToken cancellationToken = default)
    {
        var (retired, replaced) = await database.Writer.RunAsync(
            session =>
            {
                if (session.Integer("SELECT COUNT(*) FROM documents WHERE collection = $1", collection) > 0)
                {
                    throw new ModelMismatchException("The collection has documents: they must be re-indexed.");
                }

                var old = CollectionRows.Generations(session, collection);
                session.Execute("UPDATE generations SET state = 'retired' WHERE collection = $1", collection);
                CollectionRows.InsertGeneration(session, collection, GenerationState.Live, settings, Now());
                return (old, CollectionRows.List(session).Single(candidate => candidate.Key == collection));
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var generation in retired)
        {
            await indexes.RemoveAsync(generation.Key).ConfigureAwait(false);
        }

        indexes.Add(replaced.Live!);
        return replaced;
    }

    /// <inheritdoc />
    public Task<StoredCollection> RenameModelAsync(long generation, string modelName, CancellationToken cancellationToken = default) => database.Writer.RunAsync(
        session =>
        {
            var collection = session.Integer("UPDATE generations SET model_name = $2 WHERE key = $1 RETURNING collection", generation, modelName);
            return CollectionRows.List(session).Single(candidate => candidate.Key == collection);
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<bool> DeleteCollectionAsync(long collection, CancellationToken cancellationToken = default)
    {
        var deletion = new CollectionDeletion(database, signals, time);
        var generations = await deletion.MarkAsync(collection, cancellationToken).ConfigureAwait(false);
        foreach (var generation in generations ?? [])
        {
            await indexes.RemoveAsync(generation).ConfigureAwait(false);
        }

        return generations is not null;
    }

    /// <inheritdoc />
    public Task PurgeDeletedAsync(CancellationToken cancellationToken = default) => new CollectionDeletion(database, signals, time).PurgeAsync(cancellationToken);

    /// <inheritdoc />
    public Task<CollectionCounters> CountAsync(long collection, CancellationToken cancellationToken = default) => database.Readers.ReadAsync(
        session =>
        {
            var live = CollectionRows.Generations(session, collection).Find(generation => generation.State == GenerationState.Live);
            using var reader = session.Query("SELECT documents, text_bytes FROM collections WHERE key = $1", collection);
            var found = reader.Read();
            var (count, graph) = live is null ? (0, null) : CountIndex(live.Key);
            return new CollectionCounters(
                found ? reader.GetInt64(0) : 0,
                found ? reader.GetInt64(1) : 0,
                live?.Chunks ?? 0,
                count,
                graph);
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<double> MeasureRecallAsync(long collection, int samples, int k, int ef, CancellationToken cancellationToken = default)
    {
        var generations = await database.Readers.ReadAsync(session => CollectionRows.Generations(session, collection), cancellationToken).ConfigureAwait(false);
        var live = generations.Find(generation => generation.State == GenerationState.Live);
        if (live is null || indexes.Find(live.Key) is not { } index)
        {
            return 1;
        }

        // Like a search, so that the graph lives until the end of it, unless it was taken out just before.
        var ticket = index.Searches.Enter();
        var vectors = index.Index;
        try
        {
            return indexes.Find(live.Key) == index && GenerationIndex.GraphOf(vectors) is { } graph
                ? await Task.Run(() => graph.MeasureRecall(samples, k, ef, RecallSeed, cancellationToken), cancellationToken).ConfigureAwait(false)
                : 1;
        }
        catch (IndexFormatException error)
        {
            // Searches are exact from now on, until there is a new graph.
            index.Replace(vectors, error);
            return 1;
        }
        finally
        {
            index.Searches.Leave(ticket);
        }
    }

    /// <inheritdoc />
    public Task<Document?> FindAsync(long collection, string id, CancellationToken cancellationToken = default) =>
        database.Readers.ReadAsync(session => DocumentRows.Find(session, collection, id), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Document>> ListAsync(long collection, string? after, int limit, CancellationToken cancellationToken = default) =>
        await database.Readers.ReadAsync(session => DocumentRows.List(session, collection, after, limit), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<long> CountMatchesAsync(long collection, Filter filter, CancellationToken cancellationToken = default) => database.Readers.ReadAsync(
        session =>
        {
            var compiled = FilterSql.Compile(filter, firstParameter: 2);
            using var statement = session.Prepare($"SELECT COUNT(*) FROM documents WHERE collection = $1 AND {compiled.Sql}");
            return (long)statement.Scalar([collection, .. compiled.Values])!;
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, ContentHash>> FindContentHashesAsync(long collection, IReadOnlyCollection<string> ids, CancellationToken cancellationToken = default) =>
        await database.Readers.ReadAsync(
            session =>
            {
                var hashes = new Dictionary<string, ContentHash>(ids.Count, StringComparer.Ordinal);
                foreach (var id in ids)
                {
                    // No row is left over of a generation without chunks of the document.
                    using var reader = session.Query(
                        """
                        SELECT content_hash FROM documents WHERE collection = $1 AND id = $2 AND NOT EXISTS (
                            SELECT 1 FROM generations WHERE generations.collection = $1 AND generations.state <> 'retired'
                            AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.document = documents.key AND chunks.generation = generations.key))
                        """,
                        collection,
                        id);
                    if (reader.Read())
                    {
                        hashes[id] = ContentHash.FromBytes(reader.GetFieldValue<byte[]>(0));
                    }
                }

                return hashes;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<ApplyResult> ApplyAsync(IReadOnlyList<PreparedDocument> documents, string owner, CancellationToken cancellationToken = default)
    {
        // The vectors go in before the commit, so that what is committed can be found at once.
        var transition = new SlotTransition(indexes);
        var committed = false;
        try
        {
            var slots = documents.Select(document => document.Chunks is null ? null : transition.Bring(document.Id, document.Chunks)).ToList();
            StepPause.At(StepPause.VectorsInserted);
            var (result, settled, ended) = await database.Writer.RunAsync(
                session =>
                {
                    var applier = new DocumentApplier(session, transition, limits, owner, Now());
                    for (var i = 0; i < documents.Count; i++)
                    {
                        applier.Apply(documents[i], slots[i]);
                    }

                    var endedOperations = applier.Finish();
                    return (new ApplyResult(applier.Applied, applier.Released), applier.Settled, endedOperations);
                },
                cancellationToken).ConfigureAwait(false);
            committed = true;
            StepPause.At(StepPause.DocumentsCommitted);
            signals.Release(settled);
            signals.End(ended);

            // What waited for an earlier write to the same document can be leased now.
            signals.SignalWork();
            return result;
        }
        finally
        {
            Track(transition.EndAsync(committed));
        }
    }

    /// <summary>Waits until no slot is in transition.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] transitions;
        lock (_lock)
        {
            transitions = [.. _transitions];
        }

        await Task.WhenAll(transitions).ConfigureAwait(false);
    }

    private (int Count, HnswStatistics? Graph) CountIndex(long generation)
    {
        if (indexes.Find(generation) is not { } index)
        {
            return (0, null);
        }

        // Like a search, so that the index lives until the end of it.
        var ticket = index.Searches.Enter();
        try
        {
            return indexes.Find(generation) == index ? (index.Index.Count, index.Graph?.GetStatistics()) : (0, null);
        }
        finally
        {
            index.Searches.Leave(ticket);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Track(Task transition)
    {
        if (transition.IsCompletedSuccessfully)
        {
            return;
        }

        lock (_lock)
        {
            _transitions.Add(transition);
        }

        transition.ContinueWith(
            ended =>
            {
                lock (_lock)
                {
                    _transitions.Remove(ended);
                }

                if (ended.Exception is { } error)
                {
                    logger.LogError(error, "Old vectors could not be taken out of the index; the next start does it.");
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
