using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Errors;
using AlbertSearch.Search;

namespace AlbertSearch.Tests.Search;

public sealed class BestSentencesTests
{
    private const string Text = "The cat is red. How are you? The river in the city. One, two!";

    [Theory]
    [InlineData("who are you")]
    [InlineData("red cat")]
    [InlineData("the city")]
    public async Task Sentence_is_the_one_nearest_to_the_query(string query)
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", Text)]);
        var vector = engine.Model.Embed(query);
        var (expected, score) = Text.Replace("? ", "?|").Replace(". ", ".|").Split('|')
            .Select(sentence => (sentence, VectorSimilarity.Dot(vector, engine.Model.Embed(sentence))))
            .MaxBy(scored => scored.Item2);

        foreach (var request in new[] { new SearchRequest { Query = query }, new SearchRequest { Vector = vector } })
        {
            var hit = Assert.Single((await engine.SearchAsync(request with { Include = HitParts.Sentence })).Hits);
            Assert.Null(hit.Text);
            Assert.Equal(expected, hit.Sentence!.Text);
            Assert.Equal(expected, Text[hit.Sentence.Start..hit.Sentence.End]);
            Assert.Equal(score, hit.Sentence.Score, 1e-5);
        }
    }

    [Fact]
    public async Task Sentence_lies_in_the_chunk_of_its_hit()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var text = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"The {(i % 2 == 0 ? "red" : "blue")} house number {i} is in the city."));
        await engine.IndexAsync([TestEngine.Document("long", text)]);
        var hits = (await engine.SearchAsync(new SearchRequest { Query = "house 7", GroupBy = HitGrouping.Chunk, K = 100, Include = HitParts.Sentence | HitParts.Text })).Hits;

        Assert.True(hits.Count > 5);
        foreach (var hit in hits)
        {
            Assert.Equal(text, hit.Text);
            Assert.InRange(hit.Sentence!.Start, hit.Chunk.Start, hit.Chunk.End - 1);
            Assert.InRange(hit.Sentence.End, hit.Sentence.Start + 1, hit.Chunk.End);
            Assert.Equal(text[hit.Sentence.Start..hit.Sentence.End], hit.Sentence.Text);
        }
    }

    [Fact]
    public async Task Sentences_of_all_hits_are_embedded_in_one_batch_and_not_again()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", Text), TestEngine.Document("b", "The dog is blue. Who is it?"), TestEngine.Document("c", "a chunk of one sentence")]);
        var request = new SearchRequest { Query = "red cat", Include = HitParts.Sentence };
        await engine.SearchAsync([request, request with { Query = "blue dog" }]);
        Assert.Equal([2, 6], embedder().QueryBatches);

        var alone = (await engine.SearchAsync(request)).Hits.Single(hit => hit.Id == "c");
        Assert.Equal([2, 6], embedder().QueryBatches);
        Assert.Equal(("a chunk of one sentence", alone.Score), (alone.Sentence!.Text, alone.Sentence.Score));
    }

    [Fact]
    public async Task Sentences_after_the_first_of_a_chunk_are_not_looked_at()
    {
        await using var test = new TestEngine(options => options.Chunking.Enabled = false);
        var engine = await test.OpenAsync();
        var text = string.Concat(Enumerable.Repeat("It is not. ", BestSentences.MostOfChunk)) + "Red cat.";
        await engine.IndexAsync([TestEngine.Document("a", text)]);
        Assert.Equal("It is not.", Assert.Single((await engine.SearchAsync(new SearchRequest { Query = "Red cat.", Include = HitParts.Sentence })).Hits).Sentence!.Text);
    }

    [Fact]
    public async Task More_sentences_than_hits_are_allowed_are_refused()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var request = new SearchRequest { Query = "x", K = 501 };
        await engine.SearchAsync([request, request]);
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.SearchAsync([request with { Include = HitParts.Sentence }, request with { Include = HitParts.Sentence }]));
        Assert.Equal((ErrorCodes.TooMany, "k"), (error.Code, error.Field));
    }
}
