using System.Text.Json;
using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests;

public sealed class AlbertSearchEngineTests
{
    [Fact]
    public async Task Engine_with_default_model_finds_sentences_by_meaning()
    {
        using var folder = new TemporaryFolder();
        var options = new AlbertSearchOptions { Model = RepositoryFiles.DefaultModel, IndexData = folder.Path };
        await using var search = await AlbertSearchEngine.OpenAsync(options);
        var operation = await search.IndexAsync(
        [
            TestEngine.Document("password", "Click on forgot password to reset your password by email."),
            TestEngine.Document("refund", "We refund the price within thirty days after you send the goods back."),
            TestEngine.Document("shipping", "Parcels are delivered in two to four working days."),
            TestEngine.Document("cats", "Cats sleep for most of the day."),
            TestEngine.Document("python", "Install the package with pip and import it in your script."),
            TestEngine.Document("weather", "It will rain in the north tomorrow, with strong wind from the sea."),
        ]);

        Assert.Equal(OperationState.Completed, operation.State);
        Assert.Equal(6, operation.Added);
        foreach (var (query, expected) in new[]
        {
            ("I can't log in because I forgot my password", "password"),
            ("how do I get my money back", "refund"),
            ("when will my order arrive", "shipping"),
            ("what will the weather be like tomorrow", "weather"),
        })
        {
            var result = await search.SearchAsync(new SearchRequest { Query = query, K = 3 });
            Assert.Equal(3, result.Hits.Count);
            Assert.Equal(expected, result.Hits[0].Id);
        }

        // The vector of a document is the model's vector of its text.
        var vector = search.Model.Embed("Cats sleep for most of the day.");
        var hit = Assert.Single((await search.SearchAsync(new SearchRequest { Vector = vector, K = 1, Include = HitParts.Vector })).Hits);
        Assert.Equal("cats", hit.Id);
        Assert.Equal(1, hit.Score, 1e-5);
        Assert.Equal(vector.Length, hit.Vector!.Count);
        for (var i = 0; i < vector.Length; i++)
        {
            Assert.Equal(vector[i], hit.Vector[i], 1e-5);
        }
    }

    [Fact]
    public async Task Engine_with_int8_precision_finds_the_same_with_nearly_the_same_vectors()
    {
        using var folder = new TemporaryFolder();
        const string text = "We refund the price within thirty days after you send the goods back.";
        float[] exact;
        await using (var search = await AlbertSearchEngine.OpenAsync(new AlbertSearchOptions { Model = RepositoryFiles.DefaultModel, IndexData = Path.Combine(folder.Path, "fp32") }))
        {
            exact = search.Model.Embed(text);
        }

        await using var quantized = await AlbertSearchEngine.OpenAsync(
            new AlbertSearchOptions { Model = RepositoryFiles.DefaultModel, IndexData = Path.Combine(folder.Path, "int8"), Precision = Precision.Int8 });
        await quantized.IndexAsync([TestEngine.Document("refund", text), TestEngine.Document("cats", "Cats sleep for most of the day.")]);

        Assert.Equal("refund", (await quantized.SearchAsync(new SearchRequest { Query = "how do I get my money back" })).Hits[0].Id);
        var hit = (await quantized.SearchAsync(new SearchRequest { Vector = exact, K = 1 })).Hits[0];
        Assert.Equal("refund", hit.Id);
        Assert.InRange(hit.Score, 0.99f, 0.99999f);
    }

    [Fact]
    public async Task Document_is_read_back_as_it_was_given()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var metadata = JsonDocument.Parse("""{"lang": "en", "year": 2024.50, "tags": ["a", "é\u0000"]}""").RootElement;
        const string Text = "first line\nsecond \0 line 😀";
        await engine.IndexAsync([new DocumentInput { Id = "a/b?c", Text = Text, Metadata = metadata }]);

        var document = await engine.FindDocumentAsync("a/b?c");
        Assert.NotNull(document);
        Assert.Equal(Text, document.Text);
        Assert.True(JsonElement.DeepEquals(metadata, document.Metadata!.Value));
        Assert.Equal("2024.50", document.Metadata.Value.GetProperty("year").GetRawText());
        Assert.Null(await engine.FindDocumentAsync("other"));
    }

    [Fact]
    public async Task Index_again_counts_added_updated_and_unchanged()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "blue dog")]);
        var first = await engine.FindDocumentAsync("a");
        var operation = await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "green dog"), TestEngine.Document("c", "fish")]);

        Assert.Equal((1, 1, 1), (operation.Added, operation.Updated, operation.Unchanged));
        Assert.Equal(first!.Revision, (await engine.FindDocumentAsync("a"))!.Revision);
        var info = await engine.GetCollectionAsync();
        Assert.Equal((3, 3, 3), (info.Documents, info.Chunks, info.IndexCount));
    }

    [Fact]
    public async Task Delete_takes_document_out_of_search_and_storage()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "blue dog")]);

        Assert.True(await engine.DeleteDocumentAsync("a"));
        Assert.False(await engine.DeleteDocumentAsync("a"));
        Assert.Null(await engine.FindDocumentAsync("a"));
        Assert.Equal(["b"], (await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits.Select(hit => hit.Id));
        Assert.Equal(1, (await engine.GetCollectionAsync()).Documents);
    }

    [Fact]
    public async Task Reopened_engine_finds_what_was_indexed_before()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([.. Enumerable.Range(0, 50).Select(i => TestEngine.Document($"d{i}", $"document number {i} is here"))]);
        await engine.DeleteDocumentAsync("d7");
        var before = await engine.SearchAsync(new SearchRequest { Query = "document number 9", K = 20 });
        engine = await test.ReopenAsync();

        var after = await engine.SearchAsync(new SearchRequest { Query = "document number 9", K = 20 });
        Assert.Equal(before.Hits.Select(hit => (hit.Id, hit.Score)), after.Hits.Select(hit => (hit.Id, hit.Score)));
        await engine.IndexAsync([TestEngine.Document("new", "document number 9 again")]);
        Assert.Equal(50, (await engine.GetCollectionAsync()).IndexCount);
    }

    [Fact]
    public async Task Search_of_unknown_collection_throws()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await Assert.ThrowsAsync<NotFoundException>(() => engine.SearchAsync(new SearchRequest { Query = "x" }, "nowhere"));
    }
}
