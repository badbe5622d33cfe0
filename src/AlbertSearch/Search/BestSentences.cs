using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;
using AlbertSearch.Models;

namespace AlbertSearch.Search;

/// <summary>
/// Names the sentence of each hit's chunk that is nearest to the query. The sentences of all hits are embedded together, those that
/// were seen lately not at all. Safe for use from many threads.
/// </summary>
/// <param name="cache">The vectors of sentences.</param>
internal sealed class BestSentences(QueryVectorCache cache)
{
    /// <summary>Sentences of a chunk that are looked at, from its beginning.</summary>
    public const int MostOfChunk = 32;

    /// <summary>Adds the best sentences.</summary>
    /// <param name="hits">Hits with their texts; one list for each query.</param>
    /// <param name="queries">The queries' vectors.</param>
    /// <param name="embedder">The model of the hits' vectors.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    public async Task<IReadOnlyList<SearchHit>[]> AddAsync(
        IReadOnlyList<IReadOnlyList<SearchHit>> hits, IReadOnlyList<EmbeddedQuery> queries, ITextEmbedder embedder, CancellationToken cancellationToken)
    {
        var cut = hits.Select(ofQuery => ofQuery.Select(Cut).ToList()).ToList();

        // A chunk of one sentence has that sentence's vector already.
        List<string> texts = [.. cut.SelectMany(ofQuery => ofQuery).Where(sentences => sentences.Count > 1).SelectMany(sentences => sentences).Select(sentence => sentence.Text).Distinct(StringComparer.Ordinal)];
        var vectors = new Dictionary<string, float[]>(texts.Count, StringComparer.Ordinal);
        foreach (var (text, embedded) in texts.Zip(await cache.EmbedAsync(embedder, texts, cancellationToken).ConfigureAwait(false)))
        {
            vectors.Add(text, embedded.Vector);
        }

        return [.. hits.Select((ofQuery, query) => ofQuery.Select((hit, i) => hit with { Sentence = FindBest(cut[query][i], queries[query].Vector) }).ToList())];

        SentenceHit? FindBest(List<SentenceHit> sentences, float[] query) => sentences.Count <= 1
            ? sentences.FirstOrDefault()
            : sentences.Select(sentence => sentence with { Score = VectorSimilarity.Dot(query, vectors[sentence.Text]) }).MaxBy(sentence => sentence.Score);
    }

    private static List<SentenceHit> Cut(SearchHit hit) =>
        TextEdges.FindSentences(hit.Text, hit.Chunk.Start, hit.Chunk.End, MostOfChunk)
            .ConvertAll(place => new SentenceHit(place.Start, place.End, hit.Text![place.Start..place.End], hit.Score));
}
