using AlbertSearch.Collections;
using AlbertSearch.Errors;
using AlbertSearch.Models;
using AlbertSearch.Storage;

namespace AlbertSearch.Ingestion;

/// <summary>Computes what leased writes need: it finds out which texts are new, cuts them, and embeds the chunks in token-budgeted batches.</summary>
internal sealed class DocumentPreparer(IDocumentStore store, CollectionCatalog collections, QueueOptions options)
{
    /// <summary>Prepares writes.</summary>
    /// <param name="owner">Who holds the leases.</param>
    /// <param name="writes">In the order of their sequence numbers.</param>
    /// <param name="renew">Called between batches, so that the leases hold; false when there are none any more: there is nothing to apply then.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public async Task<PreparedBatch> PrepareAsync(string owner, IReadOnlyList<QueuedWrite> writes, Func<Task<bool>> renew, CancellationToken cancellationToken)
    {
        var later = new List<QueuedWrite>();
        var drafts = writes.GroupBy(write => (write.Collection, write.DocumentId)).Select(group => new Draft(Split([.. group], later))).ToList();
        foreach (var group in drafts.Where(draft => draft.Text is not null).GroupBy(draft => draft.Collection))
        {
            await PlanAsync(group.Key, [.. group], cancellationToken).ConfigureAwait(false);
        }

        foreach (var job in drafts.SelectMany(draft => draft.Jobs).GroupBy(job => job.Embedder))
        {
            foreach (var batch in SplitByTokens(job))
            {
                await EmbedAsync(job.Key, batch, cancellationToken).ConfigureAwait(false);
                if (!await renew().ConfigureAwait(false))
                {
                    return new PreparedBatch(owner, [], [], []);
                }
            }
        }

        var failed = drafts.Where(draft => draft.Error is not null).ToList();
        return new PreparedBatch(
            owner,
            [.. drafts.Where(draft => draft.Error is null).Select(draft => draft.ToDocument())],
            [.. failed.Select(draft => (draft.TextWrite!, draft.Error!))],
            [.. failed.SelectMany(draft => draft.Writes.Where(write => write != draft.TextWrite)), .. later]);
    }

    // Which text a document ends with must be certain: it doesn't depend on a condition that only the document itself can tell.
    private static List<QueuedWrite> Split(List<QueuedWrite> writes, List<QueuedWrite> later)
    {
        var hasText = false;
        for (var i = 0; i < writes.Count; i++)
        {
            var isConditional = writes[i].Kind != WriteKind.Patch && (writes[i].Condition is not null || writes[i].IfRevision is not null);
            if (hasText && isConditional)
            {
                later.AddRange(writes.Skip(i));
                return writes[..i];
            }

            hasText = writes[i].Kind == WriteKind.Upsert || (hasText && writes[i].Kind == WriteKind.Patch);
        }

        return writes;
    }

    private async Task PlanAsync(long collectionKey, List<Draft> drafts, CancellationToken cancellationToken)
    {
        if (collections.Find(collectionKey) is not { } collection)
        {
            // Deleted meanwhile, its queue rows too: there is nothing to apply.
            return;
        }

        var hashes = await FindHashesAsync(collectionKey, drafts, cancellationToken).ConfigureAwait(false);
        foreach (var draft in drafts.Where(draft => draft.Error is null))
        {
            draft.ContentHash = ContentHash.Of(draft.Text!);
            if (hashes.TryGetValue(draft.Id, out var stored) && stored == draft.ContentHash)
            {
                continue;
            }

            try
            {
                foreach (var generation in collection.Generations)
                {
                    var embedder = collections.EmbedderOf(generation);
                    var chunks = embedder.Cut(draft.Text!, generation.Settings.Chunking, cancellationToken);
                    draft.Results[generation.Key] = new ChunkVector[chunks.Count];
                    draft.Jobs.AddRange(chunks.Select((chunk, ordinal) => new Job(draft, generation.Key, ordinal, embedder, chunk)));
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                draft.Fail(error);
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, ContentHash>> FindHashesAsync(long collectionKey, List<Draft> drafts, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindContentHashesAsync(collectionKey, [.. drafts.Select(draft => draft.Id)], cancellationToken).ConfigureAwait(false);
        }
        catch (StorageUnavailableException error) when (error.IsDamage)
        {
            // One of them lies on the damaged page, it may be: alone, each answers for itself.
            var hashes = new Dictionary<string, ContentHash>(StringComparer.Ordinal);
            foreach (var draft in drafts)
            {
                try
                {
                    foreach (var (id, hash) in await store.FindContentHashesAsync(collectionKey, [draft.Id], cancellationToken).ConfigureAwait(false))
                    {
                        hashes.Add(id, hash);
                    }
                }
                catch (StorageUnavailableException own) when (own.IsDamage)
                {
                    draft.Fail(own);
                }
            }

            return hashes;
        }
    }

    private IEnumerable<List<Job>> SplitByTokens(IEnumerable<Job> jobs)
    {
        var batch = new List<Job>();
        var tokens = 0;
        foreach (var job in jobs)
        {
            if (batch.Count > 0 && tokens + job.Chunk.Tokens.Count > options.BatchTokens)
            {
                yield return batch;
                batch = [];
                tokens = 0;
            }

            batch.Add(job);
            tokens += job.Chunk.Tokens.Count;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private static async Task EmbedAsync(ITextEmbedder embedder, List<Job> batch, CancellationToken cancellationToken)
    {
        var jobs = batch.Where(job => job.Draft.Error is null).ToList();
        try
        {
            await EmbedTogetherAsync(embedder, jobs, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException && jobs.Count > 0)
        {
            // One of them is to blame: alone, each answers for itself.
            foreach (var group in jobs.GroupBy(job => job.Draft))
            {
                try
                {
                    await EmbedTogetherAsync(embedder, [.. group], cancellationToken).ConfigureAwait(false);
                }
                catch (Exception own) when (own is not OperationCanceledException)
                {
                    group.Key.Fail(own);
                }
            }
        }
    }

    private static async Task EmbedTogetherAsync(ITextEmbedder embedder, List<Job> jobs, CancellationToken cancellationToken)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        // Computing blocks for as long as it takes: not on the thread that the storage answers on.
        var vectors = await Task.Run(() => embedder.EmbedChunks([.. jobs.Select(job => job.Chunk)], cancellationToken), cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < jobs.Count; i++)
        {
            var job = jobs[i];
            job.Draft.Results[job.Generation][job.Ordinal] = new ChunkVector(job.Chunk.Start, job.Chunk.End, vectors[i]);
        }
    }

    private sealed record Job(Draft Draft, long Generation, int Ordinal, ITextEmbedder Embedder, TextChunk Chunk);

    /// <summary>A document that is being prepared.</summary>
    private sealed class Draft
    {
        public Draft(List<QueuedWrite> writes)
        {
            Writes = writes;

            // The text that the writes end with; what is replaced before it was ever seen needs no vectors.
            var last = writes.FindLast(write => write.Kind != WriteKind.Patch);
            TextWrite = last is { Kind: WriteKind.Upsert } ? last : null;
        }

        public List<QueuedWrite> Writes { get; }

        public QueuedWrite? TextWrite { get; }

        public string? Text => TextWrite?.Text;

        public string Id => Writes[0].DocumentId;

        public long Collection => Writes[0].Collection;

        public ContentHash? ContentHash { get; set; }

        public Dictionary<long, ChunkVector[]> Results { get; } = [];

        public List<Job> Jobs { get; } = [];

        public Exception? Error { get; private set; }

        public void Fail(Exception error) => Error ??= error;

        public PreparedDocument ToDocument() => new()
        {
            Collection = Collection,
            Id = Id,
            Writes = Writes,
            ContentHash = ContentHash,
            Chunks = Results.Count == 0 ? null : Results.ToDictionary(result => result.Key, result => (IReadOnlyList<ChunkVector>)result.Value),
            Tokens = Jobs.Sum(job => (long)job.Chunk.Tokens.Count),
            TruncatedTokens = Jobs.Sum(job => (long)job.Chunk.Tokens.TruncatedTokens),
        };
    }
}
