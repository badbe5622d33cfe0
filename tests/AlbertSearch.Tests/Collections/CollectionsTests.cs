using System.Text.Json;
using AlbertSearch.Collections;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Storage;

namespace AlbertSearch.Tests.Collections;

public sealed class CollectionsTests
{
    [Fact]
    public async Task Collections_have_their_own_documents_settings_and_life()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var made = await engine.CreateCollectionAsync("faq", new CollectionSettings { Pooling = PoolingMode.Mean, Chunking = new ChunkingOptions { MaxTokens = 16, OverlapTokens = 2 } });
        Assert.Equal((PoolingMode.Mean, 16), (made.Pooling, made.Chunking!.MaxTokens));
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        await engine.IndexAsync([TestEngine.Document("a", "blue dog in the city. " + string.Join(' ', Enumerable.Repeat("bird", 40)))], "faq");
        engine = await test.ReopenAsync();

        Assert.Equal("red cat", (await engine.FindDocumentAsync("a"))!.Text);
        Assert.StartsWith("blue dog", (await engine.FindDocumentAsync("a", "faq"))!.Text, StringComparison.Ordinal);
        Assert.Single((await engine.SearchAsync(new SearchRequest { Query = "cat" }, "faq")).Hits);
        var infos = await engine.ListCollectionsAsync();
        Assert.Equal(["default", "faq"], infos.Select(info => info.Name));
        Assert.True(infos[1].Chunks > 2);
        Assert.NotEqual(infos[0].ModelIdentity, infos[1].ModelIdentity);

        Assert.True(await engine.DeleteCollectionAsync("faq"));
        Assert.False(await engine.DeleteCollectionAsync("faq"));
        await Assert.ThrowsAsync<NotFoundException>(() => engine.FindDocumentAsync("a", "faq"));
        await Assert.ThrowsAsync<ConflictException>(() => engine.DeleteCollectionAsync("default"));
        Assert.Single((await engine.SearchAsync(new SearchRequest { Query = "cat" })).Hits);
    }

    [Fact]
    public async Task Create_again_is_the_same_collection_and_other_settings_conflict()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.CreateCollectionAsync("faq");
        Assert.Equal("faq", (await engine.CreateCollectionAsync("faq")).Name);
        await Assert.ThrowsAsync<ConflictException>(() => engine.CreateCollectionAsync("faq", new CollectionSettings { Pooling = PoolingMode.Cls }));
        Assert.Equal("model", (await Assert.ThrowsAsync<InvalidRequestException>(() => engine.CreateCollectionAsync("x", new CollectionSettings { Model = "none" }))).Field);
        Assert.Equal("chunking", (await Assert.ThrowsAsync<InvalidRequestException>(
            () => engine.CreateCollectionAsync("x", new CollectionSettings { Chunking = new ChunkingOptions { MaxTokens = 4 } }))).Field);
    }

    [Fact]
    public async Task Own_index_settings_stay_when_the_configuration_changes_and_the_others_follow_it()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        Assert.Equal("flat", (await engine.CreateCollectionAsync("own", new CollectionSettings { Index = new IndexSettings { Kind = "flat", Ef = 30 } })).Index.Kind);
        Assert.Equal("hnsw", (await engine.CreateCollectionAsync("other")).Index.Kind);
        await engine.IndexAsync([TestEngine.Document("a", "red cat")], "own");
        test.Options.Index.Kind = "flat";
        test.Options.Index.M = 24;
        engine = await test.ReopenAsync();
        Assert.Equal("flat", (await engine.GetCollectionAsync("other")).Index.Kind);
        test.Options.Index.Kind = "hnsw";
        engine = await test.ReopenAsync();

        var own = await engine.GetCollectionAsync("own");
        Assert.Equal(("flat", 24, 30, 1L), (own.Index.Kind, own.Index.M, own.Index.Ef, own.IndexCount));
        Assert.Null(own.IndexLevels);
        Assert.NotNull((await engine.GetCollectionAsync("other")).IndexLevels);
        Assert.Equal("index.ef", (await Assert.ThrowsAsync<InvalidRequestException>(
            () => engine.CreateCollectionAsync("x", new CollectionSettings { Index = new IndexSettings { Ef = 0 } }))).Field);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("a\n")]
    [InlineData("'; DROP TABLE documents; --")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Name_that_is_not_allowed_is_refused(string name) =>
        Assert.Equal("collection", Assert.Throws<InvalidRequestException>(() => CollectionName.Check(name)).Field);

    [Fact]
    public async Task Patch_delete_and_filter_work_from_the_outside()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([.. Enumerable.Range(0, 10).Select(i => TestEngine.Document($"d{i}", $"text {i}") with { Metadata = Json($$"""{"n":{{i}}}""") })]);
        var document = await engine.FindDocumentAsync("d3");
        var patched = await engine.PatchDocumentAsync("d3", Json("""{"n":30}"""), document!.Revision);
        Assert.Equal(30, patched!.Metadata!.Value.GetProperty("n").GetInt32());
        await Assert.ThrowsAsync<PreconditionFailedException>(() => engine.PatchDocumentAsync("d3", Json("""{"n":31}"""), document.Revision));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => engine.DeleteDocumentAsync("d3", document.Revision));
        Assert.Null(await engine.PatchDocumentAsync("none", Json("""{"n":31}""")));

        var filter = new AlbertSearch.Filters.FilterParser(engine.Options.Limits).Parse(Json("""{"n":{"gte":8}}"""));
        Assert.Equal(3, await engine.CountDocumentsAsync(filter));
        Assert.Equal(["d3", "d8", "d9"], (await engine.SearchAsync(new SearchRequest { Query = "text", Filter = filter })).Hits.Select(hit => hit.Id).Order());
        Assert.Equal(3, (await engine.WaitAsync((await engine.DeleteDocumentsAsync(filter)).Id)).Deleted);
        Assert.Equal(2, (await engine.WaitAsync((await engine.DeleteDocumentsAsync(["d0", "d1", "d1", "none"])).Id)).Deleted);
        var left = new List<string>();
        await foreach (var exported in engine.ExportDocumentsAsync())
        {
            left.Add(exported.Id);
        }

        Assert.Equal(["d2", "d4", "d5", "d6", "d7"], left);
    }

    [Fact]
    public async Task Key_makes_a_repeated_submit_and_a_cut_load_known()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var first = await engine.SubmitAsync([TestEngine.Document("a", "x")], "key", "default");
        Assert.Equal(first.Id, (await engine.SubmitAsync([TestEngine.Document("a", "x")], "key", "default")).Id);
        await Assert.ThrowsAsync<ConflictException>(() => engine.SubmitAsync([TestEngine.Document("a", "y")], "key", "default"));
        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.SubmitAsync([TestEngine.Document("a", "y")], "k\u00e9y", "default"));

        await using (var load = await engine.BeginBulkLoadAsync("load", fromLine: null))
        {
            for (var line = 1; line <= 300; line++)
            {
                await load.AddAsync(TestEngine.Document($"d{line}", "text"), line);
            }
        }

        var cut = await engine.FindOperationByKeyAsync("load");
        Assert.Equal((true, 256L), (cut!.CutOff, cut.Lines));
        await using (var load = await engine.BeginBulkLoadAsync("load", cut.Lines + 1))
        {
            Assert.Equal(cut.Id, load.OperationId);
            for (var line = 257; line <= 300; line++)
            {
                await load.AddAsync(TestEngine.Document($"d{line}", "text"), line);
            }

            await load.CompleteAsync();
        }

        var ended = await engine.WaitAsync(cut.Id);
        Assert.Equal((300L, 300L, 300L), (ended.Documents, ended.Added, ended.Lines));
        await Assert.ThrowsAsync<NotFoundException>(() => engine.BeginBulkLoadAsync("unknown", 5));
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
