using AlbertSearch.Collections;
using AlbertSearch.Errors;
using AlbertSearch.Models;

namespace AlbertSearch.Search;

/// <summary>Answers searches: checks them, embeds their texts in one batch, and asks the index. Safe for use from many threads.</summary>
internal sealed class SearchService(CollectionCatalog collections, IChunkSearch chunks, SearchRequestValidator validator, QueryVectorCache cache, int concurrency) : IDisposable
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
            var queries = await EmbedAsync(requests, collections.EmbedderOf(generation), cancellationToken).ConfigureAwait(false);
            var results = new SearchResult[requests.Count];
            for (var i = 0; i < requests.Count; i++)
            {
                var request = requests[i];
                var hits = await chunks.SearchAsync(
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
                        Include = request.Include,
                    },
                    cancellationToken).ConfigureAwait(false);
                results[i] = new SearchResult(hits, queries[i].TruncatedTokens);
            }

            return results;
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
        var queries = new EmbeddedQuery?[requests.Count];
        var missing = new List<int>();
        for (var i = 0; i < requests.Count; i++)
        {
            queries[i] = requests[i].Query is { } text ? cache.Find(embedder.ModelIdentity, text) : new EmbeddedQuery(Normalize(requests[i].Vector!.Value.Span), 0);
            if (queries[i] is null)
            {
                missing.Add(i);
            }
        }

        if (missing.Count > 0)
        {
            var texts = missing.ConvertAll(i => requests[i].Query!);
            var embedded = await Task.Run(() => embedder.EmbedQueries(texts, cancellationToken), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < missing.Count; i++)
            {
                queries[missing[i]] = embedded[i];
                cache.Add(embedder.ModelIdentity, texts[i], embedded[i]);
            }
        }

        return queries!;
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
