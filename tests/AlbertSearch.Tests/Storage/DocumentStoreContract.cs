using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Storage;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Storage;

/// <summary>What every implementation of <see cref="IDocumentStore"/> and <see cref="IChunkSearch"/> does.</summary>
public abstract class DocumentStoreContract
{
    protected ManualTimeProvider Time { get; } = new();

    protected abstract Task<StorageUnderTest> OpenAsync();

    [Fact]
    public async Task Create_collection_twice_returns_the_first()
    {
        await using var storage = await OpenAsync();
        var again = await storage.Store.CreateCollectionAsync("default", StorageUnderTest.Settings("other"));

        Assert.Equal(storage.Collection.Key, again.Key);
        Assert.Equal(storage.Generation.Settings, again.Live!.Settings);
        await storage.Store.CreateCollectionAsync("another", StorageUnderTest.Settings());
        Assert.Equal(["another", "default"], (await storage.Store.ListCollectionsAsync()).Select(collection => collection.Name));
    }

    [Fact]
    public async Task Applied_document_is_stored_counted_and_found()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "twenty characters!!!", """{"x":1}"""));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Scoring(0.5), StorageUnderTest.Scoring(0.9)]);

        var document = await storage.Store.FindAsync(storage.Collection.Key, "a");
        Assert.Equal(("twenty characters!!!", """{"x":1}"""), (document!.Text, document.Metadata!.Value.GetRawText()));
        Assert.Equal(Time.GetUtcNow(), document.UpdatedAt);
        var counters = await storage.Store.CountAsync(storage.Collection.Key);
        Assert.Equal((1L, 20L, 2L, 2L), (counters.Documents, counters.TextBytes, counters.Chunks, counters.IndexCount));
        Assert.Equal(OperationState.Completed, (await storage.Queue.FindAsync(operation.Id))!.State);

        var hit = Assert.Single(await storage.FindAsync(StorageUnderTest.Query, include: HitParts.Text | HitParts.Metadata | HitParts.Chunks | HitParts.Vector));
        Assert.Equal(0.9, hit.Score, 1e-6);
        Assert.Equal((10, 20), (hit.Chunk.Start, hit.Chunk.End));
        Assert.Equal("twenty characters!!!", hit.Text);
        Assert.Equal(1, hit.Metadata!.Value.GetProperty("x").GetInt32());
        Assert.Equal(StorageUnderTest.Scoring(0.9), hit.Vector!);
        Assert.Equal([0.5, 0.9], hit.Chunks!.Select(chunk => Math.Round(chunk.Score, 6)));
    }

    [Fact]
    public async Task Writes_to_one_document_are_applied_in_their_order()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("gone"), StorageUnderTest.Delete("gone"));
        await storage.EnqueueAsync(StorageUnderTest.Delete("there"), StorageUnderTest.Upsert("there", "first"), StorageUnderTest.Upsert("there", "last"));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);

        Assert.Null(await storage.Store.FindAsync(storage.Collection.Key, "gone"));
        Assert.Equal("last", (await storage.Store.FindAsync(storage.Collection.Key, "there"))!.Text);
        Assert.Equal(["there"], (await storage.FindAsync(StorageUnderTest.Query)).Select(hit => hit.Id));
    }

    [Fact]
    public async Task Lost_lease_applies_nothing()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "stale"));
        var late = await storage.LeaseAsync("late");
        Time.Advance(TimeSpan.FromMinutes(2));
        var writes = await storage.LeaseAsync("owner");
        var result = await storage.Store.ApplyAsync([storage.Prepare(late, _ => [StorageUnderTest.Query])], "late");

        Assert.Equal(0, result.Applied);
        Assert.Null(await storage.Store.FindAsync(storage.Collection.Key, "a"));
        await storage.Store.ApplyAsync([storage.Prepare(writes, _ => [StorageUnderTest.Query])], "owner");
        await storage.Store.ApplyAsync([storage.Prepare(writes, _ => [StorageUnderTest.Query])], "owner");
        var counters = await storage.Store.CountAsync(storage.Collection.Key);
        Assert.Equal((1L, 1L), (counters.Documents, counters.Chunks));
    }

    [Fact]
    public async Task Text_prepared_for_other_generations_goes_back_to_the_queue()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
        var writes = await storage.LeaseAsync("owner");
        var result = await storage.Store.ApplyAsync([storage.Prepare(writes, _ => [StorageUnderTest.Query]) with { Chunks = null }], "owner");

        Assert.Equal((0, 1), (result.Applied, result.Released));
        Assert.Null(await storage.Store.FindAsync(storage.Collection.Key, "a"));
        Assert.Single(await storage.LeaseAsync("other"));
    }

    [Fact]
    public async Task Same_text_keeps_chunks_and_new_metadata_needs_none()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "text", """{"x":1}"""));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var hashes = await storage.Store.FindContentHashesAsync(storage.Collection.Key, ["a", "b"]);
        Assert.Equal(ContentHash.Of("text"), Assert.Single(hashes).Value);
        var before = await storage.Store.FindAsync(storage.Collection.Key, "a");

        var operation = await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "text", """{"x":2}"""), StorageUnderTest.Upsert("a", "text", """{"x":2}"""));
        var writes = await storage.LeaseAsync("owner");
        await storage.Store.ApplyAsync([storage.Prepare(writes, _ => []) with { Chunks = null }], "owner");
        var ended = await storage.Queue.FindAsync(operation.Id);
        Assert.Equal((1L, 1L), (ended!.Updated, ended.Unchanged));
        var after = await storage.Store.FindAsync(storage.Collection.Key, "a");
        Assert.True(after!.Revision > before!.Revision);
        Assert.Equal(2, after.Metadata!.Value.GetProperty("x").GetInt32());
        Assert.Single(await storage.FindAsync(StorageUnderTest.Query));
    }

    [Fact]
    public async Task Patch_merges_metadata_and_checks_the_revision()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "text", """{"x":1,"y":{"z":1}}"""));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var revision = (await storage.Store.FindAsync(storage.Collection.Key, "a"))!.Revision;
        var operation = await storage.EnqueueAsync(
            StorageUnderTest.Patch("a", """{"x":null,"y":{"w":2}}""", revision),
            StorageUnderTest.Patch("a", """{"x":3}""", revision),
            StorageUnderTest.Patch("absent", """{"x":3}"""));
        await storage.ApplyAllAsync(_ => []);

        var ended = await storage.Queue.FindAsync(operation.Id);
        Assert.Equal((1L, 2L), (ended!.Updated, ended.FailedCount));
        Assert.Equal([ErrorCodes.PreconditionFailed, ErrorCodes.NotFound], ended.Failed.Select(failure => failure.Code));
        Assert.Equal("""{"y":{"z":1,"w":2}}""", (await storage.Store.FindAsync(storage.Collection.Key, "a"))!.Metadata!.Value.GetRawText());
    }

    [Fact]
    public async Task List_pages_by_id_bytes()
    {
        await using var storage = await OpenAsync();
        string[] ids = ["b", "a", "ä", "Z", "a/b", "😀", "\uFFFD"];
        await storage.EnqueueAsync([.. ids.Select(id => StorageUnderTest.Upsert(id))]);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var seen = new List<string>();
        for (string? after = null; ;)
        {
            var page = await storage.Store.ListAsync(storage.Collection.Key, after, 2);
            if (page.Count == 0)
            {
                break;
            }

            seen.AddRange(page.Select(document => document.Id));
            after = seen[^1];
        }

        Assert.Equal(["Z", "a", "a/b", "b", "ä", "\uFFFD", "😀"], seen);
    }

    [Fact]
    public async Task Offset_k_and_minScore_count_documents_and_ties_go_by_id()
    {
        await using var storage = await OpenAsync();

        // 30 documents of three chunks; the best ones score 0.9, 0.9, 0.8, 0.8, …
        for (var i = 29; i >= 0; i--)
        {
            await storage.EnqueueAsync(StorageUnderTest.Upsert($"d{i:00}", $"{i}"));
        }

        await storage.ApplyAllAsync(text =>
        {
            var score = 0.9 - (int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) / 2 * 0.05);
            return [StorageUnderTest.Scoring(score), StorageUnderTest.Scoring(score - 0.01), StorageUnderTest.Scoring(score - 0.02)];
        });
        var all = await storage.FindAsync(StorageUnderTest.Query, k: 100);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"d{i:00}"), all.Select(hit => hit.Id));

        var paged = new List<string>();
        for (var offset = 0; offset < 33; offset += 3)
        {
            paged.AddRange((await storage.FindAsync(StorageUnderTest.Query, k: 3, offset: offset)).Select(hit => hit.Id));
        }

        Assert.Equal(all.Select(hit => hit.Id), paged);
        Assert.Equal(6, (await storage.FindAsync(StorageUnderTest.Query, k: 100, minScore: 0.79f)).Count);
        Assert.Equal(["d04", "d05"], (await storage.FindAsync(StorageUnderTest.Query, k: 100, offset: 4, minScore: 0.79f)).Select(hit => hit.Id));
    }

    [Fact]
    public async Task Many_equal_documents_page_by_id_without_loss()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(0, 200).Select(i => StorageUnderTest.Upsert($"d{i:000}", "same"))]);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var seen = new List<string>();
        for (var offset = 0; offset < 200; offset += 20)
        {
            seen.AddRange((await storage.FindAsync(StorageUnderTest.Query, k: 20, offset: offset)).Select(hit => hit.Id));
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"d{i:000}"), seen);
    }

    [Theory]
    [InlineData("""{"n":{"lt":3}}""", 3)]
    [InlineData("""{"n":{"gte":1000}}""", 1_000)]
    [InlineData("""{"odd":true}""", 1_000)]
    [InlineData("""{"n":-1}""", 0)]
    public async Task Filtered_search_equals_the_filtered_ranking(string filter, int matches)
    {
        await using var storage = await OpenAsync();

        // The higher the number the lower the score: few of the best fulfil {"n":{"gte":1000}}.
        await storage.EnqueueAsync([.. Enumerable.Range(0, 1_000).Select(i => StorageUnderTest.Upsert($"d{i:0000}", $"{i}", $$"""{"n":{{i}},"odd":{{(i % 2 == 1 ? "true" : "false")}}}"""))]);
        await storage.ApplyAllAsync(VectorOf);
        await storage.EnqueueAsync([.. Enumerable.Range(1_000, 1_000).Select(i => StorageUnderTest.Upsert($"d{i:0000}", $"{i}", $$"""{"n":{{i}},"odd":{{(i % 2 == 1 ? "true" : "false")}}}"""))]);
        await storage.ApplyAllAsync(VectorOf);
        var parsed = StorageUnderTest.ParseFilter(filter);
        Assert.Equal(matches, await storage.Store.CountMatchesAsync(storage.Collection.Key, parsed));
        var all = await storage.FindAsync(StorageUnderTest.Query, k: 2_000, include: HitParts.Metadata);
        var expected = all.Where(hit => AlbertSearch.Filters.FilterEvaluator.Matches(parsed, hit.Metadata)).Select(hit => hit.Id).ToList();
        Assert.Equal(matches, expected.Count);
        Assert.Equal(expected.Take(10), (await storage.FindAsync(StorageUnderTest.Query, filter: filter)).Select(hit => hit.Id));
        Assert.Equal(expected.Skip(7).Take(20), (await storage.FindAsync(StorageUnderTest.Query, k: 20, offset: 7, filter: filter)).Select(hit => hit.Id));

        static float[][] VectorOf(string text) => [StorageUnderTest.Scoring(0.9 - (int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) * 0.0004))];
    }

    [Fact]
    public async Task Grouped_by_chunk_every_chunk_is_a_hit()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "1"), StorageUnderTest.Upsert("b", "2"));
        await storage.ApplyAllAsync(text => text == "1" ? [StorageUnderTest.Scoring(0.9), StorageUnderTest.Scoring(0.5)] : [StorageUnderTest.Scoring(0.7), StorageUnderTest.Scoring(0.9)]);
        var hits = await storage.FindAsync(StorageUnderTest.Query, groupBy: HitGrouping.Chunk);
        Assert.Equal([("a", 0), ("b", 10), ("b", 0), ("a", 10)], hits.Select(hit => (hit.Id, hit.Chunk.Start)));
        Assert.Equal([("b", 10), ("b", 0)], (await storage.FindAsync(StorageUnderTest.Query, k: 2, offset: 1, groupBy: HitGrouping.Chunk)).Select(hit => (hit.Id, hit.Chunk.Start)));
    }

    [Fact]
    public async Task Deletion_by_filter_sees_writes_that_were_accepted_before_and_none_after()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(
            StorageUnderTest.Upsert("stays", "x", """{"lang":"fr"}"""), StorageUnderTest.Upsert("goes", "x", """{"lang":"en"}"""), StorageUnderTest.Upsert("turns", "x", """{"lang":"en"}"""));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        await storage.EnqueueAsync(StorageUnderTest.Upsert("turns", "x", """{"lang":"fr"}"""), StorageUnderTest.Upsert("new", "x", """{"lang":"en"}"""));
        await storage.EnqueueAsync(StorageUnderTest.Patch("stays", """{"lang":"en"}"""));
        var operation = await storage.Queue.EnqueueDeletionAsync(storage.NewOperation(OperationKind.Delete), StorageUnderTest.ParseFilter("""{"lang":"en"}"""));
        await storage.EnqueueAsync(StorageUnderTest.Upsert("later", "x", """{"lang":"en"}"""));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);

        var ended = await storage.Queue.FindAsync(operation.Id);
        Assert.Equal((OperationState.Completed, 3L), (ended!.State, ended.Deleted));
        Assert.Equal(["later", "turns"], (await storage.FindAsync(StorageUnderTest.Query)).Select(hit => hit.Id));
        Assert.Equal(0, storage.Queue.Length);
    }

    [Fact]
    public async Task Deletion_by_a_filter_that_nothing_fulfils_ends_at_once()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.Queue.EnqueueDeletionAsync(storage.NewOperation(OperationKind.Delete), StorageUnderTest.ParseFilter("""{"lang":"en"}"""));
        Assert.Equal((OperationState.Completed, 0L), (operation.State, operation.Documents));
    }

    [Fact]
    public async Task Deleted_collection_is_gone_with_its_queue_and_its_name_is_free()
    {
        await using var storage = await OpenAsync();
        var kept = await storage.Store.CreateCollectionAsync("kept", StorageUnderTest.Settings());
        await storage.EnqueueAsync([.. Enumerable.Range(0, 500).Select(i => StorageUnderTest.Upsert($"d{i}"))]);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var waiting = await storage.EnqueueAsync(StorageUnderTest.Upsert("waits"));
        var leased = await storage.LeaseAsync("owner");

        Assert.True(await storage.Store.DeleteCollectionAsync(storage.Collection.Key));
        Assert.False(await storage.Store.DeleteCollectionAsync(storage.Collection.Key));
        Assert.Equal(OperationState.Canceled, (await storage.Queue.WaitAsync(waiting.Id)).State);
        await storage.Store.ApplyAsync([storage.Prepare(leased, _ => [StorageUnderTest.Query]) with { Chunks = null }], "owner");
        await storage.Store.PurgeDeletedAsync();
        Assert.Null(await storage.Store.FindAsync(storage.Collection.Key, "d1"));
        await Assert.ThrowsAsync<NotFoundException>(() => storage.FindAsync(StorageUnderTest.Query));
        Assert.Equal(["kept"], (await storage.Store.ListCollectionsAsync()).Select(collection => collection.Name));

        await storage.CreateCollectionAsync();
        Assert.Empty(await storage.FindAsync(StorageUnderTest.Query));
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        Assert.Single(await storage.FindAsync(StorageUnderTest.Query));
        Assert.Equal(0, (await storage.Store.CountAsync(kept.Key)).Documents);
    }

    [Fact]
    public async Task Replaced_document_is_seen_once_in_one_version_by_every_search()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("target", "version 0"), StorageUnderTest.Upsert("other", "constant"));
        static float[][] VectorsOf(string text) => text switch
        {
            "constant" => [StorageUnderTest.Scoring(0.1)],
            _ => text.EndsWith('0') ? [StorageUnderTest.Scoring(0.9)] : [StorageUnderTest.Scoring(0.3), StorageUnderTest.Scoring(0.6)],
        };
        await storage.ApplyAllAsync(VectorsOf);

        using var stop = new CancellationTokenSource();
        var searches = 0;
        var searchers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var hits = await storage.FindAsync(StorageUnderTest.Query, k: 5, include: HitParts.Text);
                Assert.Equal(["target", "other"], hits.Select(hit => hit.Id));
                Assert.Equal(hits[0].Text!.EndsWith('0') ? 0.9 : 0.6, hits[0].Score, 1e-6);
                Interlocked.Increment(ref searches);
            }
        })).ToList();
        for (var version = 1; version <= 40 || Volatile.Read(ref searches) < 100; version++)
        {
            await storage.EnqueueAsync(StorageUnderTest.Upsert("target", $"version {version} of {version % 2}"));
            await storage.ApplyAllAsync(VectorsOf);
            Assert.DoesNotContain(searchers, searcher => searcher.IsFaulted);
        }

        await stop.CancelAsync();
        await Task.WhenAll(searchers);
    }
}
