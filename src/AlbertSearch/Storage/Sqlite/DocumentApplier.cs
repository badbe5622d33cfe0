using System.Text;
using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Filters;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Applies the leased writes of documents inside one transaction: first all writes to a document in memory, in their order, then
/// what comes out of them to the tables. Used once, by the writer's thread.
/// </summary>
internal sealed class DocumentApplier(SqliteSession session, SlotTransition slots, LimitOptions limits, string owner, long now)
{
    private readonly Dictionary<long, OperationTally> _tallies = [];
    private readonly Dictionary<long, List<Generation>> _generations = [];

    /// <summary>Documents whose writes are applied.</summary>
    public int Applied { get; private set; }

    /// <summary>Documents whose writes went back to the queue.</summary>
    public int Released { get; private set; }

    /// <summary>Writes that are dealt with.</summary>
    public int Settled { get; private set; }

    /// <summary>Applies a document's writes.</summary>
    /// <param name="document">The writes and what was computed for them.</param>
    /// <param name="slotsOf">The slots of its chunks by generation; null when there are none.</param>
    public void Apply(PreparedDocument document, Dictionary<long, int[]>? slotsOf)
    {
        if (!HoldsLeases(document))
        {
            // A write of a canceled operation is gone: the others were not prepared without it.
            Release(document);
            return;
        }

        var stored = DocumentState.Load(session, document.Collection, document.Id);
        var state = stored;
        var outcomes = new List<(long Operation, Outcome Outcome, FailedDocument? Failure)>(document.Writes.Count);
        foreach (var write in document.Writes)
        {
            (state, var outcome, var failure) = Fold(state, write);
            outcomes.Add((write.Operation, outcome, failure));
        }

        var newText = state.Exists && (!stored.Exists || state.Hash != stored.Hash);
        if (state.Exists && (newText || slotsOf is not null) && (slotsOf is null || !IsPreparedFor(document, state)))
        {
            if (newText)
            {
                Release(document);
                return;
            }

            // Chunks of a text that is not the one in the end: those that are stored do.
            slotsOf = null;
        }

        Write(document, stored, state, slotsOf);
        Settle(document, outcomes);
        Applied++;
        Settled += document.Writes.Count;
    }

    /// <summary>Writes what the operations have come to.</summary>
    /// <returns>Ids of the operations that ended.</returns>
    public List<string> Finish()
    {
        var ended = new List<string>();
        foreach (var (operation, tally) in _tallies)
        {
            if (tally.Write(session, operation, now) is { } id)
            {
                ended.Add(id);
            }
        }

        return ended;
    }

    private (DocumentState State, Outcome Outcome, FailedDocument? Failure) Fold(DocumentState state, QueuedWrite write)
    {
        if (write.IfRevision is { } revision && (!state.Exists || state.Revision != revision))
        {
            return (state, Outcome.Failed, write.ToFailure(ErrorCodes.PreconditionFailed, state.Exists
                ? $"The document has revision {state.Revision}, not {revision}: it was changed since it was read."
                : "The document is not there any more."));
        }

        if (write.Condition is { } condition && !(state.Exists && FilterEvaluator.Matches(FilterJson.Read(condition), DocumentRows.ParseMetadata(state.Metadata))))
        {
            return (state, Outcome.Absent, null);
        }

        switch (write.Kind)
        {
            case WriteKind.Delete:
                return state.Exists ? (state with { Exists = false }, Outcome.Deleted, null) : (state, Outcome.Absent, null);

            case WriteKind.Patch when !state.Exists:
                return (state, Outcome.Failed, write.ToFailure(ErrorCodes.NotFound, "There is no such document."));

            case WriteKind.Patch:
                var merged = MergePatch.Apply(state.Metadata, write.Metadata!);
                if (Encoding.UTF8.GetByteCount(merged) > limits.MetadataBytes)
                {
                    return (state, Outcome.Failed, write.ToFailure(ErrorCodes.TooLong, $"The merged metadata have more than {limits.MetadataBytes} bytes (Limits:MetadataBytes)."));
                }

                return merged == state.Metadata
                    ? (state, Outcome.Unchanged, null)
                    : (state with { Metadata = merged, Revision = write.Sequence }, Outcome.Updated, null);

            default:
                var hash = ContentHash.Of(write.Text!);
                if (state.Exists && state.Hash == hash && state.Metadata == write.Metadata)
                {
                    return (state, Outcome.Unchanged, null);
                }

                return (
                    state with { Exists = true, Hash = hash, Text = write.Text, Metadata = write.Metadata, Revision = write.Sequence },
                    state.Exists ? Outcome.Updated : Outcome.Added,
                    null);
        }
    }

    private bool HoldsLeases(PreparedDocument document)
    {
        foreach (var write in document.Writes)
        {
            if (session.Scalar("SELECT lease_owner FROM operation_rows WHERE sequence = $1", write.Sequence) as string != owner)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsPreparedFor(PreparedDocument document, DocumentState state) =>
        document.Chunks is { } chunks
        && document.ContentHash == state.Hash
        && GenerationsOf(document.Collection) is var generations
        && generations.Count == chunks.Count
        && generations.TrueForAll(generation => chunks.ContainsKey(generation.Key));

    private List<Generation> GenerationsOf(long collection)
    {
        if (!_generations.TryGetValue(collection, out var generations))
        {
            generations = CollectionRows.Generations(session, collection);
            _generations.Add(collection, generations);
        }

        return generations;
    }

    private void Release(PreparedDocument document)
    {
        var rows = 0;
        foreach (var write in document.Writes)
        {
            rows += session.Execute("UPDATE operation_rows SET lease_owner = NULL, lease_expires = NULL WHERE sequence = $1 AND lease_owner = $2", write.Sequence, owner);
        }

        Released += rows > 0 ? 1 : 0;
    }

    private void Write(PreparedDocument document, DocumentState stored, DocumentState state, Dictionary<long, int[]>? slotsOf)
    {
        if (!state.Exists)
        {
            if (stored.Exists)
            {
                RemoveChunks(stored.Key, document.Id, generation: null);
                session.Execute("DELETE FROM documents WHERE key = $1", stored.Key);
                CountDocuments(document.Collection, -1, -stored.TextBytes);
            }

            return;
        }

        var key = stored.Key;
        if (!stored.Exists)
        {
            key = session.Integer(
                "INSERT INTO documents (collection, id, revision, content_hash, updated_at, metadata, text) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING key",
                document.Collection,
                document.Id,
                state.Revision,
                state.Hash.ToBytes(),
                now,
                state.Metadata,
                state.Text);
            CountDocuments(document.Collection, 1, state.TextBytes);
        }
        else if (state.Revision != stored.Revision && state.Hash != stored.Hash)
        {
            session.Execute(
                "UPDATE documents SET revision = $2, content_hash = $3, updated_at = $4, metadata = $5, text = $6 WHERE key = $1",
                key,
                state.Revision,
                state.Hash.ToBytes(),
                now,
                state.Metadata,
                state.Text);
            CountDocuments(document.Collection, 0, state.TextBytes - stored.TextBytes);
        }
        else if (state.Revision != stored.Revision)
        {
            session.Execute("UPDATE documents SET revision = $2, updated_at = $3, metadata = $4 WHERE key = $1", key, state.Revision, now, state.Metadata);
        }

        if (slotsOf is not null)
        {
            foreach (var (generation, slotsInGeneration) in slotsOf)
            {
                RemoveChunks(key, document.Id, generation);
                InsertChunks(key, generation, document.Chunks![generation], slotsInGeneration);
            }
        }
    }

    private void RemoveChunks(long document, string id, long? generation)
    {
        using var reader = generation is { } one
            ? session.Query("DELETE FROM chunks WHERE document = $1 AND generation = $2 RETURNING generation, slot", document, one)
            : session.Query("DELETE FROM chunks WHERE document = $1 RETURNING generation, slot", document);
        var removed = new Dictionary<long, long>();
        while (reader.Read())
        {
            var from = reader.GetInt64(0);
            slots.Take(from, reader.GetInt32(1), id);
            removed[from] = removed.GetValueOrDefault(from) + 1;
        }

        reader.Close();
        foreach (var (from, count) in removed)
        {
            CountChunks(from, -count);
        }
    }

    private void InsertChunks(long document, long generation, IReadOnlyList<ChunkVector> chunks, int[] slotsInGeneration)
    {
        for (var ordinal = 0; ordinal < chunks.Count; ordinal++)
        {
            var chunk = chunks[ordinal];
            session.Execute(
                "INSERT INTO chunks (generation, slot, document, ordinal, start, \"end\", vector) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                generation,
                slotsInGeneration[ordinal],
                document,
                ordinal,
                chunk.Start,
                chunk.End,
                VectorBlob.Write(chunk.Vector));
            slots.Use(generation, slotsInGeneration[ordinal]);
        }

        CountChunks(generation, chunks.Count);
    }

    private void CountDocuments(long collection, long documents, long textBytes) =>
        session.Execute("UPDATE collections SET documents = documents + $2, text_bytes = text_bytes + $3 WHERE key = $1", collection, documents, textBytes);

    private void CountChunks(long generation, long chunks) =>
        session.Execute("UPDATE generations SET chunks = chunks + $2 WHERE key = $1", generation, chunks);

    private void Settle(PreparedDocument document, List<(long Operation, Outcome Outcome, FailedDocument? Failure)> outcomes)
    {
        foreach (var write in document.Writes)
        {
            session.Execute("DELETE FROM operation_payloads WHERE sequence = $1", write.Sequence);
            session.Execute("DELETE FROM operation_rows WHERE sequence = $1", write.Sequence);
        }

        foreach (var (operation, outcome, failure) in outcomes)
        {
            var tally = TallyOf(operation);
            tally.Settled++;
            tally.Added += outcome == Outcome.Added ? 1 : 0;
            tally.Updated += outcome == Outcome.Updated ? 1 : 0;
            tally.Unchanged += outcome == Outcome.Unchanged ? 1 : 0;
            tally.Deleted += outcome == Outcome.Deleted ? 1 : 0;
            if (failure is not null)
            {
                tally.Failed.Add(failure);
            }
        }

        // Only the text that the writes end with was embedded.
        var last = TallyOf(outcomes[^1].Operation);
        last.Tokens += document.Tokens;
        last.TruncatedTokens += document.TruncatedTokens;
    }

    private OperationTally TallyOf(long operation)
    {
        if (!_tallies.TryGetValue(operation, out var tally))
        {
            tally = new OperationTally();
            _tallies.Add(operation, tally);
        }

        return tally;
    }

    private enum Outcome
    {
        Added,
        Updated,
        Unchanged,
        Deleted,
        Absent,
        Failed,
    }
}
