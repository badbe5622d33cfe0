using AlbertSearch.Errors;
using AlbertSearch.Search;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class SqliteDocumentStoreTests : DocumentStoreContract
{
    protected override async Task<StorageUnderTest> OpenAsync() => await SqliteStorageUnderTest.OpenAsync(Time);

    [Fact]
    public async Task Replace_of_empty_generation_keeps_documents_safe()
    {
        await using var storage = await SqliteStorageUnderTest.OpenAsync();
        var old = storage.Generation.Key;
        var replaced = await storage.Store.ReplaceEmptyGenerationAsync(storage.Collection.Key, StorageUnderTest.Settings("new"));
        Assert.NotEqual(old, replaced.Live!.Key);
        Assert.Equal("new", replaced.Live.Settings.ModelIdentity);
        Assert.Null(storage.Indexes.Find(old));

        await storage.CreateCollectionAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        await Assert.ThrowsAsync<ModelMismatchException>(() => storage.Store.ReplaceEmptyGenerationAsync(storage.Collection.Key, StorageUnderTest.Settings("newer")));
        Assert.Single(await storage.FindAsync(StorageUnderTest.Query));
    }

    [Fact]
    public async Task Slots_of_replaced_vectors_are_used_again()
    {
        using var folder = new TemporaryFolder();
        await using var storage = await SqliteStorageUnderTest.OpenAsync(folder: folder);
        for (var version = 0; version < 50; version++)
        {
            await storage.EnqueueAsync(StorageUnderTest.Upsert("a", $"{version}"));
            await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        }

        var slot = await storage.Database.Readers.ReadAsync(session => session.Integer("SELECT MAX(slot) FROM chunks"));
        Assert.InRange(slot, 0, 4);
        Assert.Equal(1, storage.Indexes.Find(storage.Generation.Key)!.Index.Count);
    }

    [Fact]
    public async Task Space_of_a_deleted_collection_is_given_back()
    {
        await using var storage = await SqliteStorageUnderTest.OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(0, 500).Select(i => StorageUnderTest.Upsert($"d{i}", new string('x', 10_000)))]);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var full = await PagesAsync();
        await storage.Store.DeleteCollectionAsync(storage.Collection.Key);
        await storage.Store.PurgeDeletedAsync();
        Assert.True(await PagesAsync() < full / 4, $"{await PagesAsync()} pages of {full}");
        Assert.Equal(0, await storage.Database.Readers.ReadAsync(session => session.Integer("PRAGMA freelist_count")));

        Task<long> PagesAsync() => storage.Database.Readers.ReadAsync(session => session.Integer("PRAGMA page_count"));
    }

    [Theory]
    [InlineData("x'0000'")]
    [InlineData("CAST(x'0000C07F' || substr(vector, 5) AS BLOB)")]
    public async Task Damaged_vector_is_told_at_start(string vector)
    {
        using var folder = new TemporaryFolder();
        await using (var storage = await SqliteStorageUnderTest.OpenAsync(folder: folder))
        {
            await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
            await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
            await storage.Database.Writer.RunAsync(session => session.Execute($"UPDATE chunks SET vector = {vector}"));
        }

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => SqliteStorageUnderTest.OpenAsync(folder: folder));
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_that_can_not_commit_leaves_index_and_tables_as_they_were()
    {
        await using var storage = await SqliteStorageUnderTest.OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "old"));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Scoring(0.9)]);
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "new"));
        var writes = await storage.LeaseAsync("owner");
        var pages = await storage.Database.Readers.ReadAsync(session => session.Integer("PRAGMA page_count"));
        await storage.Database.Writer.RunAloneAsync(session => session.Execute($"PRAGMA max_page_count = {pages}"));
        var large = storage.Prepare(writes, _ => [.. Enumerable.Repeat(StorageUnderTest.Scoring(0.5), 2_000)]);
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => storage.Store.ApplyAsync([large], "owner"));

        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        var hit = Assert.Single(await storage.FindAsync(StorageUnderTest.Query, include: HitParts.Text));
        Assert.Equal((0.9, "old"), (Math.Round(hit.Score, 6), hit.Text));

        // Space comes back: the same batch goes in.
        await storage.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA max_page_count = 1000000"));
        Assert.Equal(1, (await storage.Store.ApplyAsync([large], "owner")).Applied);
        Assert.Equal(0.5, Assert.Single(await storage.FindAsync(StorageUnderTest.Query)).Score, 1e-6);
        Assert.Equal(2_000, (await storage.Store.CountAsync(storage.Collection.Key)).Chunks);
    }
}
