using AlbertSearch.Collections;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>Walks over a collection: first its documents with all that belongs to them, then the slots, then the counters and the queue.</summary>
internal sealed class SqliteCollectionVerifier(SqliteDatabase database, GenerationIndexes indexes, QueueSignals signals, TimeProvider time) : ICollectionVerifier
{
    // Pages are short: the index can't free slots while one is looked at.
    private const int DocumentsPerPage = 100;
    private const int BytesPerPage = 1 << 20;

    /// <inheritdoc />
    public async Task<VerificationReport> VerifyAsync(long collection, NewOperation? repair, CancellationToken cancellationToken = default)
    {
        var findings = new VerificationFindings();
        var repairs = repair is null ? null : new CollectionRepair(database, indexes, signals, time, repair);
        var (documents, chunks) = await CheckDocumentsAsync(collection, findings, repairs, cancellationToken).ConfigureAwait(false);
        foreach (var generation in await database.Readers.ReadAsync(session => CollectionRows.Generations(session, collection), cancellationToken).ConfigureAwait(false))
        {
            await CheckSlotsAsync(generation, findings, repairs, cancellationToken).ConfigureAwait(false);
        }

        var wrong = await database.Readers.ReadAsync(session => new CounterCheck(session, collection, findings).Check(cancellationToken), cancellationToken).ConfigureAwait(false);
        if (wrong && repairs is not null)
        {
            await repairs.RecountAsync(cancellationToken).ConfigureAwait(false);
        }

        return new VerificationReport
        {
            Documents = documents,
            Chunks = chunks,
            Findings = findings.ToList(),
            RepairOperationId = repairs is null ? null : await repairs.FinishAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<(long Documents, long Chunks)> CheckDocumentsAsync(long collection, VerificationFindings findings, CollectionRepair? repairs, CancellationToken cancellationToken)
    {
        var documents = 0L;
        var chunks = 0L;
        for (var after = string.Empty; after is not null;)
        {
            var from = after;
            var (last, count, check) = await ReadWithTicketsAsync(collection, (session, live) => CheckPage(session, collection, live, from, findings, cancellationToken), cancellationToken).ConfigureAwait(false);
            after = last;
            documents += count;
            chunks += check.Chunks;
            if (repairs is not null)
            {
                await repairs.EmbedAgainAsync(check.Damaged, cancellationToken).ConfigureAwait(false);
                await repairs.MoveAsync(check.Misplaced, cancellationToken).ConfigureAwait(false);
            }
        }

        return (documents, chunks);
    }

    private async Task CheckSlotsAsync(Generation generation, VerificationFindings findings, CollectionRepair? repairs, CancellationToken cancellationToken)
    {
        for (int? after = -1; after is not null;)
        {
            var from = after.Value;
            var check = await ReadWithTicketsAsync(
                generation.Collection,
                (session, live) =>
                {
                    if (live.Find(entry => entry.Generation.Key == generation.Key) is not { } index)
                    {
                        return null;
                    }

                    var page = new SlotCheck(session, index, findings);
                    after = page.CheckPage(from);
                    return page;
                },
                cancellationToken).ConfigureAwait(false);
            if (check is null)
            {
                return;
            }

            if (repairs is not null)
            {
                await repairs.DeleteOrphansAsync(generation, check.Orphans, cancellationToken).ConfigureAwait(false);
                await repairs.DropAsync(generation, check.Unknown, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static (string? Last, int Count, DocumentCheck Check) CheckPage(
        SqliteSession session, long collection, List<CheckedIndex> live, string after, VerificationFindings findings, CancellationToken cancellationToken)
    {
        var check = new DocumentCheck(session, live, findings);
        string? last = null;
        var count = 0;
        using var reader = session.Query(
            "SELECT key, id, content_hash, CAST(text AS BLOB), metadata IS NULL OR json_valid(metadata) FROM documents WHERE collection = $1 AND id > $2 ORDER BY id LIMIT $3", collection, after, DocumentsPerPage);
        for (var bytes = 0L; bytes < BytesPerPage && reader.Read(); count++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            last = reader.GetString(1);
            var text = reader.GetFieldValue<byte[]>(3);
            bytes += text.Length;
            check.Check(reader.GetInt64(0), last, reader.GetFieldValue<byte[]>(2), text, reader.GetInt64(4) != 0);
        }

        return (last, count, check);
    }

    /// <summary>Reads in a snapshot beside which no slot that it shows leaves the index, and none that it doesn't show leaves its transition.</summary>
    private async Task<T> ReadWithTicketsAsync<T>(
        long collection, Func<SqliteSession, List<CheckedIndex>, T> read, CancellationToken cancellationToken)
    {
        var tickets = indexes.All.Where(index => index.Generation.Collection == collection).Select(index => (Index: index, Ticket: index.Searches.Enter())).ToList();
        try
        {
            // One that was taken out just before is closed without waiting for the ticket.
            var held = tickets.Where(entry => indexes.Find(entry.Index.Generation.Key) == entry.Index).ToDictionary(entry => entry.Index.Generation.Key, entry => (entry.Index, Vectors: entry.Index.Index));
            return await database.Readers.ReadAsync(
                session =>
                {
                    var generations = CollectionRows.Generations(session, collection);
                    return read(session, [.. generations.Where(generation => held.ContainsKey(generation.Key)).Select(generation => new CheckedIndex(generation, held[generation.Key].Index, held[generation.Key].Vectors))]);
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            tickets.ForEach(entry => entry.Index.Searches.Leave(entry.Ticket));
        }
    }
}
