using AlbertSearch.Collections;
using AlbertSearch.Errors;
using AlbertSearch.Models;

namespace AlbertSearch.Search;

/// <summary>Answers searches: checks them, embeds their texts in one batch, and asks the index. Safe for use from many threads.</summary>
internal sealed class SearchService(CollectionCatalog collections, IChunkSearch chunks, SearchRequestValidator validator, QueryVectorCache cache, BestSentences sentences, int concurrency)
    : IDisposable
{
    // Embedding and scanning keep a thread busy: more of them at once than processors only make each slower.
    private readonly SemaphoreSlim _running = new(concurrency, concurrency);

    /// <summary>Answers requests on one collection, in their order.</summary>
    /// <exception cref="InvalidRequestException">A request is out of bounds.</exception>
    /// <exception cref="NotFoundException">There is no such collection.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(IReadOnlyList<SearchRequest> requests, string collection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var generation = collections.Get(collection).Live ?? throw new NotFoundException($"Collection '{collection}' is being built and can't be searched yet.");
        validator.Validate(requests, generation.Settings.Dimension);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var embedder = collections.EmbedderOf(generation);
            var queries = await EmbedAsync(requests, embedder, cancellationToken).ConfigureAwait(false);
            var hits = new IReadOnlyList<SearchHit>[requests.Count];
            for (var i = 0; i < requests.Count; i++)
            {
                var request = requests[i];
                hits[i] = await chunks.SearchAsync(
                    new ChunkQuery
                    {
                        Generation = generation,
                        Vector = queries[i].Vector,
                        K = request.K,
                        Offset = request.Offset,
                        MinScore = request.MinScore,
                        Filter = request.Filter,
                        GroupBy = request.GroupBy,
                        Ef = request.Ef,
                        Exact = request.Exact,
                        Include = request.Include.HasFlag(HitParts.Sentence) ? request.Include | HitParts.Text : request.Include,
                    },
                    cancellationToken).ConfigureAwait(false);
            }

            await AddSentencesAsync(requests, hits, queries, embedder, cancellationToken).ConfigureAwait(false);
            return [.. hits.Select((ofQuery, i) => new SearchResult(ofQuery, queries[i].TruncatedTokens))];
        }
        finally
        {
            _running.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _running.Dispose();

    private async Task<EmbeddedQuery[]> EmbedAsync(IReadOnlyList<SearchRequest> requests, ITextEmbedder embedder, CancellationToken cancellationToken)
    {
        var texts = requests.Where(request => request.Query is not null).Select(request => request.Query!).ToList();
        var embedded = new Queue<EmbeddedQuery>(await cache.EmbedAsync(embedder, texts, cancellationToken).ConfigureAwait(false));
        return [.. requests.Select(request => request.Query is null ? new EmbeddedQuery(Normalize(request.Vector!.Value.Span), 0) : embedded.Dequeue())];
    }

    private async Task AddSentencesAsync(
        IReadOnlyList<SearchRequest> requests, IReadOnlyList<SearchHit>[] hits, EmbeddedQuery[] queries, ITextEmbedder embedder, CancellationToken cancellationToken)
    {
        var wanted = Enumerable.Range(0, requests.Count).Where(i => requests[i].Include.HasFlag(HitParts.Sentence)).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        var withSentences = await sentences.AddAsync(wanted.ConvertAll(i => hits[i]), wanted.ConvertAll(i => queries[i]), embedder, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < wanted.Count; i++)
        {
            hits[wanted[i]] = requests[wanted[i]].Include.HasFlag(HitParts.Text)
                ? withSentences[i]
                : [.. withSentences[i].Select(hit => hit with { Text = null })];
        }
    }

    private static float[] Normalize(ReadOnlySpan<float> vector)
    {
        // Squares of large floats overflow a float, and those of small ones vanish: doubles hold both.
        var sum = 0d;
        foreach (var value in vector)
        {
            sum += (double)value * value;
        }

        var scale = 1 / Math.Sqrt(sum);
        var normalized = new float[vector.Length];
        for (var i = 0; i < vector.Length; i++)
        {
            normalized[i] = (float)(vector[i] * scale);
        }

        return normalized;
    }
}
