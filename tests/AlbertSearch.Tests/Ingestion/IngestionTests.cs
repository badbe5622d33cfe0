using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Filters;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Tests.Storage;

namespace AlbertSearch.Tests.Ingestion;

public sealed class IngestionTests
{
    private static readonly string LongText = string.Join(' ', Enumerable.Range(0, 700).Select(i => $"The red house number {i} is in the city."));

    [Fact]
    public async Task What_was_accepted_is_applied_after_a_restart()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().Hold();
        var operation = await engine.SubmitAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "blue dog")]);
        await using (var load = await engine.BeginBulkLoadAsync())
        {
            await load.AddAsync(TestEngine.Document("c", "green bird"), 1);
            await load.CompleteAsync();
        }

        Assert.Null(await engine.FindDocumentAsync("a"));
        engine = await test.ReopenAsync();
        var ended = await engine.WaitAsync(operation.Id);
        Assert.Equal((OperationState.Completed, 2L, 2L), (ended.State, ended.Done, ended.Added));
        foreach (var listed in (await engine.ListOperationsAsync()).Operations)
        {
            await engine.WaitAsync(listed.Id);
        }

        Assert.Equal(["a", "b", "c"], (await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits.Select(hit => hit.Id).Order());
        Assert.Equal(3, (await engine.GetCollectionAsync()).Documents);
    }

    [Fact]
    public async Task Text_survives_deletions_behind_it_that_turn_out_not_to_be_meant_for_it()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().Hold();
        await engine.SubmitAsync([TestEngine.Document("first", "white fox")]);
        await embedder().Reached;
        var metadata = System.Text.Json.JsonDocument.Parse("""{"x":1}""").RootElement;
        await engine.SubmitAsync([TestEngine.Document("a", "red cat") with { Metadata = metadata }, TestEngine.Document("b", "blue dog")]);
        var other = await engine.DeleteDocumentsAsync(FilterJson.Read("""{"x":2}"""));
        var own = await engine.DeleteDocumentsAsync(FilterJson.Read("""{"x":1}"""));
        await engine.SubmitAsync([TestEngine.Document("b", "green bird")]);
        var late = engine.DeleteDocumentAsync("b", ifRevision: 1);
        embedder().LetGo();

        Assert.Equal((3L, 0L), await DoneAsync(other));
        Assert.Equal((3L, 1L), await DoneAsync(own));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => late);
        Assert.Equal(["b", "first"], (await engine.SearchAsync(new SearchRequest { Query = "green bird" })).Hits.Select(hit => hit.Id));
        Assert.Equal("green bird", (await engine.FindDocumentAsync("b"))!.Text);

        async Task<(long Done, long Deleted)> DoneAsync(Operation operation)
        {
            var ended = await engine.WaitAsync(operation.Id);
            return (ended.Done, ended.Deleted);
        }
    }

    [Fact]
    public async Task Poison_document_is_parked_and_the_rest_goes_in()
    {
        await using var test = new TestEngine(options => options.Queue.MaxAttempts = 2);
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().IsPoison = text => text.Contains("bad", StringComparison.Ordinal);
        var ended = await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "bad dog"), TestEngine.Document("c", "green bird")]);

        Assert.Equal((OperationState.Completed, 3L, 2L, 1L), (ended.State, ended.Done, ended.Added, ended.FailedCount));
        var failure = Assert.Single(ended.Failed);
        Assert.Equal((1, "b", ErrorCodes.Internal), (failure.Index, failure.Id, failure.Code));
        Assert.Contains("poison", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "c"], (await engine.SearchAsync(new SearchRequest { Query = "cat" })).Hits.Select(hit => hit.Id).Order());
    }

    [Fact]
    public async Task Unchanged_text_and_new_metadata_are_not_embedded()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        var metadata = System.Text.Json.JsonDocument.Parse("""{"x":1}""").RootElement;
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        Assert.Equal(1, embedder().Chunks);
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        var operation = await engine.IndexAsync([TestEngine.Document("a", "red cat") with { Metadata = metadata }]);

        Assert.Equal(1, embedder().Chunks);
        Assert.Equal((1L, 0L), (operation.Updated, operation.Tokens));
        Assert.Equal(1, (await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits[0].Metadata!.Value.GetProperty("x").GetInt32());
    }

    [Fact]
    public async Task Queued_add_does_not_resurrect_a_deleted_document()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().Hold();
        await engine.SubmitAsync([TestEngine.Document("a", "red cat")]);
        await engine.SubmitAsync([TestEngine.Document("a", "blue cat"), TestEngine.Document("b", "blue dog")]);
        var deletion = engine.DeleteDocumentAsync("a");
        var last = await engine.SubmitAsync([TestEngine.Document("c", "fish")]);
        embedder().LetGo();
        Assert.True(await deletion);
        await engine.WaitAsync(last.Id);

        Assert.Null(await engine.FindDocumentAsync("a"));
        Assert.Equal(["b", "c"], (await engine.SearchAsync(new SearchRequest { Query = "cat" })).Hits.Select(hit => hit.Id).Order());
    }

    [Fact]
    public async Task Full_queue_refuses_and_has_room_again_later()
    {
        await using var test = new TestEngine(options => options.Queue.MaxDocuments = 4);
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().Hold();
        var operation = await engine.SubmitAsync([.. Enumerable.Range(0, 4).Select(i => TestEngine.Document($"d{i}", $"text {i}"))]);
        await Assert.ThrowsAsync<QueueFullException>(() => engine.SubmitAsync([TestEngine.Document("x", "more")]));

        embedder().LetGo();
        await engine.WaitAsync(operation.Id);
        await engine.IndexAsync([TestEngine.Document("x", "more")]);
        Assert.Equal(5, (await engine.GetCollectionAsync()).Documents);
    }

    [Fact]
    public async Task Bulk_load_waits_for_room_reports_bad_lines_and_lets_the_later_of_two_win()
    {
        await using var test = new TestEngine(options => options.Queue.MaxDocuments = 40);
        var engine = await test.OpenAsync();
        string id;
        await using (var load = await engine.BeginBulkLoadAsync())
        {
            id = load.OperationId;
            for (var line = 1; line <= 300; line++)
            {
                await (line % 100 == 0
                    ? load.AddAsync(new DocumentInput { Id = "bad\n", Text = "x" }, line)
                    : load.AddAsync(TestEngine.Document($"d{line % 150}", $"text {line}"), line));
            }

            await load.RejectAsync(new FailedDocument { Line = 301, Column = 5, Code = ErrorCodes.InvalidJson, Message = "cut off" });
            await load.CompleteAsync();
        }

        var ended = await engine.WaitAsync(id);
        Assert.Equal((297L, 297L, 4L), (ended.Documents, ended.Done, ended.FailedCount));
        Assert.Equal([100L, 200L, 300L, 301L], ended.Failed.Select(failure => failure.Line!.Value));
        Assert.Equal(297, ended.Added + ended.Updated);
        Assert.Equal("text 151", (await engine.FindDocumentAsync("d1"))!.Text);
        Assert.Equal(150, (await engine.GetCollectionAsync()).Documents);
    }

    [Fact]
    public async Task Bulk_load_that_is_cut_off_keeps_its_committed_lines()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        string id;
        await using (var load = await engine.BeginBulkLoadAsync())
        {
            id = load.OperationId;
            for (var line = 1; line <= 300; line++)
            {
                await load.AddAsync(TestEngine.Document($"d{line}", $"text {line}"), line);
            }
        }

        var ended = await engine.WaitAsync(id);
        Assert.Equal((OperationState.Completed, 256L), (ended.State, ended.Added));
    }

    [Fact]
    public async Task Long_text_is_found_by_each_of_its_parts()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var text = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"the {(i % 2 == 0 ? "red" : "blue")} house number {i} is in the city."));
        var operation = await engine.IndexAsync([TestEngine.Document("long", text), TestEngine.Document("short", "a bird")]);
        var hit = (await engine.SearchAsync(new SearchRequest { Query = "bird", K = 2, Include = HitParts.Chunks })).Hits.Single(hit => hit.Id == "long");

        Assert.Equal(2, operation.Added);
        Assert.True(hit.Chunks!.Count > 5);
        Assert.Equal(hit.Chunks.Max(chunk => chunk.Score), hit.Score);
        foreach (var chunk in hit.Chunks)
        {
            // A chunk's vector is that of its text alone.
            var expected = engine.Model.Embed(text[chunk.Start..chunk.End]);
            var query = engine.Model.Embed("bird");
            Assert.Equal(expected.Zip(query, (x, y) => (double)x * y).Sum(), chunk.Score, 1e-5);
        }
    }

    [Fact]
    public async Task Text_that_is_cut_without_chunking_is_reported()
    {
        await using var test = new TestEngine(options => options.Chunking.Enabled = false);
        var engine = await test.OpenAsync();
        var operation = await engine.IndexAsync([TestEngine.Document("long", string.Join(' ', Enumerable.Repeat("cat", 100)))]);
        Assert.Equal((64L, 38L), (operation.Tokens, operation.TruncatedTokens));
        Assert.Equal(1, (await engine.GetCollectionAsync()).Chunks);
    }

    [Fact]
    public async Task Short_texts_go_in_while_a_long_one_is_being_embedded()
    {
        await using var test = new TestEngine();
        var (engine, embedder, big) = await OpenWithLongTextHeldUpAsync(test);
        for (var i = 0; i < 20; i++)
        {
            await engine.IndexAsync([TestEngine.Document($"small{i}", $"text {i}")]);
        }

        Assert.Equal(OperationState.Running, (await engine.FindOperationAsync(big.Id))!.State);
        Assert.Equal(20, (await engine.GetCollectionAsync()).Documents);
        embedder.LetGo();
        Assert.Equal((OperationState.Completed, 1L), ((await engine.WaitAsync(big.Id)).State, (await engine.WaitAsync(big.Id)).Added));
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Writes_to_one_document_keep_their_order_across_lanes()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().HoldLong();
        var operations = new List<Operation>();
        foreach (var (id, text) in new[] { ("a", LongText), ("a", "short"), ("b", "short"), ("b", LongText), ("c", LongText), ("c", "short"), ("c", LongText + " end.") })
        {
            operations.Add(await engine.SubmitAsync([TestEngine.Document(id, text)]));
        }

        await embedder().Reached;
        embedder().LetGo();
        foreach (var operation in operations)
        {
            Assert.Equal((OperationState.Completed, 0L), ((await engine.WaitAsync(operation.Id)).State, (await engine.WaitAsync(operation.Id)).FailedCount));
        }

        Assert.Equal("short", (await engine.FindDocumentAsync("a"))!.Text);
        Assert.Equal(LongText, (await engine.FindDocumentAsync("b"))!.Text);
        Assert.Equal(LongText + " end.", (await engine.FindDocumentAsync("c"))!.Text);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Long_text_that_is_canceled_while_it_is_being_embedded_does_not_go_in()
    {
        await using var test = new TestEngine();
        var (engine, embedder, big) = await OpenWithLongTextHeldUpAsync(test);
        var canceled = await engine.CancelOperationAsync(big.Id);
        Assert.Equal((OperationState.Canceled, 1L), (canceled.State, canceled.Canceled));
        var again = engine.IndexAsync([TestEngine.Document("big", LongText + " again.")]);
        embedder.LetGo();

        Assert.Equal(1, (await again).Added);
        Assert.Equal(LongText + " again.", (await engine.FindDocumentAsync("big"))!.Text);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Long_text_that_is_stopped_in_the_middle_goes_in_after_the_restart()
    {
        await using var test = new TestEngine(options => options.Queue.BatchTokens = 256);
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        var big = await engine.SubmitAsync([TestEngine.Document("big", LongText)]);
        await embedder().Embedded;

        engine = await test.ReopenAsync();
        Assert.Equal(1, (await engine.WaitAsync(big.Id)).Added);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Poison_in_either_lane_is_parked_and_the_rest_goes_in()
    {
        await using var test = new TestEngine(options => options.Queue.MaxAttempts = 2);
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().IsPoison = text => text.Contains("bad", StringComparison.Ordinal);
        var ended = await engine.IndexAsync(
        [
            TestEngine.Document("a", "bad cat"), TestEngine.Document("b", LongText + " bad."), TestEngine.Document("c", "good"), TestEngine.Document("d", LongText + " good."),
        ]);

        Assert.Equal((OperationState.Completed, 2L, 2L), (ended.State, ended.Added, ended.FailedCount));
        Assert.Equal(["a", "b"], ended.Failed.Select(failure => failure.Id).Order());
        Assert.All(ended.Failed, failure => Assert.Contains("2 tries: poison", failure.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Deletion_by_filter_behind_a_waiting_write_looks_at_what_the_write_makes(int value, bool stays)
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().Hold();
        var first = await engine.SubmitAsync([TestEngine.Document("z", "under way")]);
        await embedder().Reached;
        await engine.SubmitAsync([TestEngine.Document("a", "red cat") with { Metadata = System.Text.Json.JsonDocument.Parse($$"""{"x":{{value}}}""").RootElement }]);
        var deletion = await engine.DeleteDocumentsAsync(StorageUnderTest.ParseFilter("""{"x":1}"""));
        embedder().LetGo();
        await engine.WaitAsync(first.Id);

        Assert.Equal(stays ? 0 : 1, (await engine.WaitAsync(deletion.Id)).Deleted);
        Assert.Equal(stays, await engine.FindDocumentAsync("a") is not null);
    }

    [Fact]
    public async Task Write_that_waits_for_one_of_its_own_batch_is_not_forgotten()
    {
        await using var test = new TestEngine(options => options.Queue.BatchDocuments = 2);
        var engine = await test.OpenAsync();
        await using var load = await engine.BeginBulkLoadAsync();
        foreach (var (id, line) in new[] { ("a", 1), ("b", 2), ("b", 3) })
        {
            await load.AddAsync(TestEngine.Document(id, $"text {line}"), line);
        }

        await load.CompleteAsync();
        Assert.Equal(3, (await engine.WaitAsync(load.OperationId)).Done);
        Assert.Equal("text 3", (await engine.FindDocumentAsync("b"))!.Text);
    }

    /// <summary>An engine that is embedding a long text and does not get on with it until its embedder is let go.</summary>
    private static async Task<(AlbertSearchEngine Engine, FaultyEmbedder Embedder, Operation Operation)> OpenWithLongTextHeldUpAsync(TestEngine test)
    {
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().HoldLong();
        var operation = await engine.SubmitAsync([TestEngine.Document("big", LongText)]);
        await embedder().Reached;
        return (engine, embedder(), operation);
    }
}
