using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests.Storage.Sqlite;

/// <summary>The whole engine on a disk that is full, read-only, locked or damaged.</summary>
public sealed class StorageFaultTests
{
    private static readonly string LongText = string.Join(' ', Enumerable.Range(0, 2_000).Select(i => $"The red house number {i} is in the city."));

    [Theory]
    [InlineData("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823", "full")]
    [InlineData("PRAGMA query_only = 1", "PRAGMA query_only = 0", "read-only")]
    public async Task Database_that_takes_no_more_fails_writes_serves_searches_and_goes_on_by_itself(string fault, string end, string reason)
    {
        var errors = new ErrorLog();
        await using var test = new TestEngine { Loggers = errors };
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "how are you")]);
        embedder().HoldLong();
        var waiting = await engine.SubmitAsync([TestEngine.Document("b", LongText), TestEngine.Document("c", LongText)]);
        await embedder().Reached;

        // No page more than there are: the least that is allowed.
        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute(fault));
        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => engine.SubmitAsync([TestEngine.Document("d", LongText + LongText + LongText)]));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        embedder().LetGo();
        Assert.Contains(reason, await errors.First, StringComparison.Ordinal);

        Assert.Equal("a", (await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits[0].Id);
        Assert.Equal("how are you", (await engine.FindDocumentAsync("b"))!.Text);
        Assert.Null(await engine.FindDocumentAsync("c"));
        Assert.True((await engine.VerifyCollectionAsync()).Ok);

        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute(end));
        var ended = await WaitAgainAsync(engine, waiting.Id);
        Assert.Equal((1L, 1L, 0L), (ended.Added, ended.Updated, ended.FailedCount));
        await WaitAgainAsync(engine, (await engine.SubmitAsync([TestEngine.Document("d", "after all")])).Id);
        Assert.Equal(4, (await engine.GetCollectionAsync()).Documents);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Load_that_meets_a_full_disk_is_cut_off_and_goes_on_without_a_restart()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var load = await engine.BeginBulkLoadAsync("key", fromLine: null);
        await load.AddAsync(TestEngine.Document("a", "red cat"), 1);
        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = 1"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => load.CompleteAsync());
        await Assert.ThrowsAsync<StorageUnavailableException>(() => load.DisposeAsync().AsTask());
        Assert.True((await engine.FindOperationByKeyAsync("key"))!.CutOff);

        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = 0"));
        await using (var rest = await engine.BeginBulkLoadAsync("key", fromLine: 1))
        {
            await rest.AddAsync(TestEngine.Document("a", "red cat"), 1);
            await rest.CompleteAsync();
        }

        var ended = await WaitAgainAsync(engine, load.OperationId);
        Assert.Equal((1L, 1L, false), (ended.Added, ended.Lines, ended.CutOff));
    }

    [Fact]
    public async Task Load_that_meets_a_full_disk_and_is_given_up_ends_when_there_is_room_again()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var load = await engine.BeginBulkLoadAsync();
        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = 1"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => load.DisposeAsync().AsTask());
        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = 0"));

        Assert.True((await WaitAgainAsync(engine, load.OperationId)).CutOff);
    }

    [Fact]
    public async Task Who_waits_for_an_operation_that_a_full_disk_holds_up_is_told_so_and_may_wait_again()
    {
        FaultyEmbedder? embedder = null;
        await using var test = new TestEngine { Wrap = inner => embedder = new FaultyEmbedder(inner) };
        var engine = await test.OpenAsync();
        embedder!.Hold();
        var operation = await engine.SubmitAsync([TestEngine.Document("a", "red cat")]);
        await embedder.Reached;
        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = 1"));
        var waiting = engine.WaitAsync(operation.Id);
        embedder.LetGo();

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => waiting);
        Assert.Contains($"'{operation.Id}' is accepted", error.Message, StringComparison.Ordinal);
        Assert.Contains("read-only", error.Message, StringComparison.Ordinal);

        await engine.Parts.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = 0"));
        Assert.Equal(1, (await WaitAgainAsync(engine, operation.Id)).Added);
    }

    [Fact]
    public async Task Document_on_a_damaged_page_is_parked_and_the_rest_goes_on()
    {
        await using var test = new TestEngine(options => options.Queue.MaxAttempts = 1);
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("long", LongText)]);
        var page = await engine.Parts.Database.Readers.ReadAsync(session => session.Integer("SELECT rootpage FROM sqlite_schema WHERE name = 'chunks_document'"));
        await test.CloseAsync();
        var file = test.Folder.File(Path.Combine("index-data", SqliteDatabase.FileName));
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            // The page that tells which chunks a document has: nothing that replaces a document can do without.
            stream.Position = (page - 1) * 16_384;
            stream.Write(new byte[100]);
        }

        engine = await test.OpenAsync();
        var operation = await engine.SubmitAsync([TestEngine.Document("long", "short now"), TestEngine.Document("b", "blue dog")]);

        var ended = await WaitAgainAsync(engine, operation.Id);
        Assert.Contains(ended.Failed, failure => failure.Message.Contains("is damaged", StringComparison.Ordinal));
        Assert.Equal(2, ended.Done);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => engine.DeleteDocumentAsync("long"));
    }

    [Fact]
    public async Task Damaged_page_fails_what_reads_it_and_nothing_else()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("long", LongText)]);
        await test.CloseAsync();

        // Pages that the long text goes on from (and those of the queue, which are free by now): they point to the next one in their first four bytes.
        const int PageSize = 16_384;
        var file = test.Folder.File(Path.Combine("index-data", SqliteDatabase.FileName));
        var pages = File.ReadAllBytes(file).Chunk(PageSize).Index().Where(page => page.Item.AsSpan().IndexOf("number 1000 is"u8) >= 0).Select(page => page.Index).ToList();
        Assert.NotEmpty(pages);
        engine = await test.OpenAsync();
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            foreach (var page in pages)
            {
                stream.Position = (long)page * PageSize;
                stream.Write([0x7F, 0xFF, 0xFF, 0xFF]);
            }
        }

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => engine.FindDocumentAsync("long"));
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal("a", (await engine.SearchAsync(new SearchRequest { Query = "red cat", K = 1 })).Hits[0].Id);
        Assert.Equal(1, (await engine.IndexAsync([TestEngine.Document("b", "blue dog")])).Added);
    }

    [Fact]
    public async Task Database_that_is_damaged_at_the_start_is_refused_and_says_so()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([.. Enumerable.Range(0, 200).Select(i => TestEngine.Document($"d{i}", $"text {i}"))]);
        await test.CloseAsync();
        var file = test.Folder.File(Path.Combine("index-data", SqliteDatabase.FileName));
        var bytes = File.ReadAllBytes(file);
        bytes.AsSpan(2 * 16_384).Fill(0xAB);
        File.WriteAllBytes(file, bytes);

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(test.OpenAsync);
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public async Task Database_that_another_program_has_locked_fails_writes_and_serves_reads()
    {
        using var folder = new TemporaryFolder();
        using var database = SqliteDatabase.Open(folder.Path, SqliteSchema.Migrations, TimeProvider.System, NullLogger.Instance, busySeconds: 1);
        using (var other = new SqliteConnection($"Data Source={folder.File(SqliteDatabase.FileName)};Pooling=False"))
        {
            other.Open();
            using var transaction = other.BeginTransaction(deferred: false);
            var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => database.Writer.RunAsync(session => session.Execute("DELETE FROM collections")));
            Assert.Contains("locked by another program", error.Message, StringComparison.Ordinal);
            Assert.Equal(0, await database.Readers.ReadAsync(session => session.Integer("SELECT COUNT(*) FROM collections")));
        }

        await database.Writer.RunAsync(session => session.Execute("DELETE FROM collections"));
    }

    [Fact]
    public void Folder_that_nobody_may_write_to_is_refused()
    {
        // Not even the superuser may, here.
        if (OperatingSystem.IsLinux())
        {
            var error = Assert.Throws<StorageUnavailableException>(() => SqliteDatabase.Open("/proc/self/albertsearch", TimeProvider.System, NullLogger.Instance));
            Assert.Contains("/proc/self/albertsearch", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Waits for an operation that a fault held up: who waits may be told of tries that failed before the one that doesn't.</summary>
    private static async Task<Operation> WaitAgainAsync(AlbertSearchEngine engine, string operationId)
    {
        for (var left = 10; ; left--)
        {
            try
            {
                return await engine.WaitAsync(operationId);
            }
            catch (StorageUnavailableException) when (left > 0)
            {
                continue;
            }
        }
    }
}
