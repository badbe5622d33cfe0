using AlbertSearch.Collections;
using AlbertSearch.Documents;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using AlbertSearch.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace AlbertSearch.Tests.Storage.Sqlite.Verification;

public sealed class SqliteCollectionVerifierTests
{
    private const string First = "(SELECT key FROM documents WHERE id = 'a')";
    private const string Second = "(SELECT key FROM documents WHERE id = 'b')";
    private const string Long = "(SELECT key FROM documents WHERE id = 'long')";

    private static readonly string LongText = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"The red house number {i} is in the city."));

    /// <summary>Damages, what is found of each, and whether it is repaired so that every document is found by its text again.</summary>
    public static TheoryData<string, string, FindingKind[], string> Damages => new()
    {
        { "chunks of a document are gone", $"DELETE FROM chunks WHERE document = {First}", [FindingKind.DocumentWithoutChunks, FindingKind.UnknownInIndex, FindingKind.Counter], "a b c long" },
        { "a text was changed", "UPDATE documents SET text = 'red birds' WHERE id = 'c'", [FindingKind.TextHashDiffers], "a b c long" },
        { "a hash was changed", "UPDATE documents SET content_hash = zeroblob(32) WHERE id = 'a'", [FindingKind.TextHashDiffers], "a b c long" },
        {
            "the last chunk is gone",
            $"DELETE FROM chunks WHERE document = {Long} AND ordinal = (SELECT MAX(ordinal) FROM chunks WHERE document = {Long})",
            [FindingKind.TextOutOfChunks, FindingKind.UnknownInIndex, FindingKind.Counter],
            "a b c long"
        },
        {
            "a chunk ends early",
            $"UPDATE chunks SET \"end\" = start + 1 WHERE document = {Long} AND ordinal = 1",
            [FindingKind.TextOutOfChunks],
            "a b c long"
        },
        { "a chunk in the middle is gone", $"DELETE FROM chunks WHERE document = {Long} AND ordinal = 1", [FindingKind.ChunkNumbering, FindingKind.TextOutOfChunks, FindingKind.UnknownInIndex, FindingKind.Counter], "a b c long" },
        { "a chunk goes on behind the text", $"UPDATE chunks SET \"end\" = 100000 WHERE document = {Long} AND ordinal = 2", [FindingKind.ChunkOutOfText], "a b c long" },
        { "a chunk is empty", $"UPDATE chunks SET \"end\" = start WHERE document = {First}", [FindingKind.ChunkOutOfText], "a b c long" },
        { "a document is gone", "DELETE FROM documents WHERE id = 'a'", [FindingKind.ChunkWithoutDocument, FindingKind.Counter], "b c long" },
        { "a vector is cut", $"UPDATE chunks SET vector = x'00' WHERE document = {First}", [FindingKind.VectorLength], "a b c long" },
        { "a vector is not a number", $"UPDATE chunks SET vector = CAST(x'0000C07F' || substr(vector, 5) AS BLOB) WHERE document = {First}", [FindingKind.VectorNotFinite], "a b c long" },
        { "a vector is zero", $"UPDATE chunks SET vector = zeroblob(length(vector)) WHERE document = {First}", [FindingKind.VectorNotNormalized], "a b c long" },
        { "a slot is another one", $"UPDATE chunks SET slot = slot + 1000 WHERE document = {First}", [FindingKind.MissingInIndex, FindingKind.UnknownInIndex], "a b c long" },
        {
            "two vectors are changed for one another",
            $"UPDATE chunks SET vector = (SELECT other.vector FROM chunks other WHERE other.document = CASE chunks.document WHEN {First} THEN {Second} ELSE {First} END) WHERE document IN ({First}, {Second})",
            [FindingKind.DiffersInIndex],
            "c long"
        },
        { "counters are wrong", "UPDATE collections SET documents = 7, text_bytes = 1; UPDATE generations SET chunks = 99", [FindingKind.Counter], "a b c long" },
        { "an operation counts wrongly", "UPDATE operations SET documents = documents + 1", [FindingKind.OperationTally], "a b c long" },
        { "an operation has not ended", "UPDATE operations SET state = 'running', finished_at = NULL", [FindingKind.OperationTally], "a b c long" },
        {
            "a queued write has no operation",
            "INSERT INTO operation_rows (operation, collection, document_id, kind, place, bytes) VALUES (999, 1, 'x', 'delete', 0, 0)",
            [FindingKind.QueuedWithoutOperation, FindingKind.QueuedWithoutContent],
            "a b c long"
        },
        {
            "a queued write has no content",
            """
            UPDATE operations SET documents = documents + 1, state = 'running', finished_at = NULL;
            INSERT INTO operation_rows (operation, collection, document_id, kind, place, bytes) SELECT key, 1, 'x', 'delete', 0, 0 FROM operations
            """,
            [FindingKind.QueuedWithoutContent],
            "a b c long"
        },
        { "a content belongs to no queued write", "INSERT INTO operation_payloads (sequence, text) VALUES (12345, 'x')", [FindingKind.ContentWithoutQueued], "a b c long" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_is_found_and_repaired(string damage, string sql, FindingKind[] found, string sound)
    {
        foreach (var kind in (string[])[IndexOptions.Flat, IndexOptions.Hnsw])
        {
            await using var test = new TestEngine(options => options.Index.Kind = kind);
            var engine = await OpenAsync(test);
            Damage(test, sql);

            var report = await engine.VerifyCollectionAsync();
            Assert.False(report.Ok);
            Assert.Equal((kind, damage, string.Join(' ', found)), (kind, damage, string.Join(' ', report.Findings.Select(finding => finding.Kind))));
            Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Examples));
            Assert.Null(report.RepairOperationId);
            Assert.Equal(report.Findings.Select(finding => finding.Count), (await engine.VerifyCollectionAsync()).Findings.Select(finding => finding.Count));

            var repair = await engine.VerifyCollectionAsync(repair: true);
            Assert.Equal(report.Findings.Select(finding => finding.Kind), repair.Findings.Select(finding => finding.Kind));
            if (repair.RepairOperationId is { } id)
            {
                var ended = await engine.WaitAsync(id);
                Assert.Equal((OperationState.Completed, 0L, ended.Documents), (ended.State, ended.FailedCount, ended.Updated + ended.Unchanged));
            }

            Assert.Empty((await engine.VerifyCollectionAsync()).Findings);
            await AssertFoundAsync(engine, sound);
            await engine.IndexAsync([TestEngine.Document("later", "what is it")]);
            engine = await test.ReopenAsync();
            Assert.Empty((await engine.VerifyCollectionAsync()).Findings);
            await AssertFoundAsync(engine, sound);
        }
    }

    [Fact]
    public async Task Sound_collection_is_ok()
    {
        await using var test = new TestEngine();
        var engine = await OpenAsync(test);
        var report = await engine.VerifyCollectionAsync(repair: true);
        Assert.True(report.Ok);
        Assert.Equal((4, (await engine.GetCollectionAsync()).Chunks, (string?)null), (report.Documents, report.Chunks, report.RepairOperationId));
    }

    [Fact]
    public async Task Metadata_that_can_not_be_read_are_found()
    {
        await using var test = new TestEngine();
        var engine = await OpenAsync(test);
        Damage(test, "UPDATE documents SET metadata = '{broken' WHERE id = 'a'");

        var finding = Assert.Single((await engine.VerifyCollectionAsync()).Findings);
        Assert.Equal((FindingKind.MetadataNotJson, 1L, "a"), (finding.Kind, finding.Count, finding.Examples[0]));
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Slot_that_is_used_twice_is_found()
    {
        await using var test = new TestEngine();
        var engine = await OpenAsync(test);
        Damage(test, $"DROP INDEX chunks_slot; UPDATE chunks SET slot = (SELECT slot FROM chunks WHERE document = {Second}) WHERE document = {First}");
        Assert.Contains(FindingKind.SlotUsedTwice, (await engine.VerifyCollectionAsync()).Findings.Select(finding => finding.Kind));
    }

    [Fact]
    public async Task Examples_are_few_and_the_count_is_whole()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([.. Enumerable.Range(0, 250).Select(i => TestEngine.Document($"d{i:000}", $"text {i}"))]);
        Damage(test, "UPDATE documents SET content_hash = zeroblob(32)");
        var finding = Assert.Single((await engine.VerifyCollectionAsync()).Findings);
        Assert.Equal((FindingKind.TextHashDiffers, 250), (finding.Kind, finding.Count));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"d{i:000}"), finding.Examples);
    }

    [Fact]
    public async Task Collection_that_is_written_to_is_ok_all_the_time()
    {
        await using var test = new TestEngine(options => options.Index.Kind = IndexOptions.Hnsw);
        var engine = await OpenAsync(test);
        var random = new Random(7);
        var writing = Task.Run(async () =>
        {
            for (var round = 0; round < 30; round++)
            {
                await engine.IndexAsync([.. Enumerable.Range(0, 10).Select(_ => TestEngine.Document($"d{random.Next(30)}", $"text {random.Next(100)}")).DistinctBy(document => document.Id)]);
                await engine.DeleteDocumentAsync($"d{random.Next(30)}");
            }
        });
        do
        {
            Assert.Empty((await engine.VerifyCollectionAsync(repair: true)).Findings);
            await engine.SearchAsync(new SearchRequest { Query = "text 1" });
        }
        while (!writing.IsCompleted);

        await writing;
    }

    [Fact]
    public async Task Document_that_is_changed_before_the_repair_keeps_the_change()
    {
        await using var test = new TestEngine();
        var embedder = test.UseFaultyEmbedder();
        var engine = await OpenAsync(test);
        Damage(test, "UPDATE documents SET content_hash = zeroblob(32) WHERE id = 'a'");
        embedder().Hold();
        var change = await engine.SubmitAsync([TestEngine.Document("a", "blue fish")]);
        var repair = await engine.VerifyCollectionAsync(repair: true);
        embedder().LetGo();
        await engine.WaitAsync(change.Id);
        await engine.WaitAsync(repair.RepairOperationId!);

        Assert.Equal("blue fish", (await engine.FindDocumentAsync("a"))!.Text);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Verification_can_be_canceled()
    {
        await using var test = new TestEngine();
        var engine = await OpenAsync(test);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.VerifyCollectionAsync(cancellationToken: new CancellationToken(canceled: true)));
    }

    private static async Task<AlbertSearchEngine> OpenAsync(TestEngine test)
    {
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "how are you"), TestEngine.Document("c", "the river"), new DocumentInput { Id = "long", Text = LongText }]);
        return engine;
    }

    private static async Task AssertFoundAsync(AlbertSearchEngine engine, string ids)
    {
        foreach (var id in ids.Split(' '))
        {
            var document = (await engine.FindDocumentAsync(id))!;
            var hits = (await engine.SearchAsync(new SearchRequest { Query = id == "long" ? LongText[..39] : document.Text, K = 10 })).Hits;
            Assert.Single(hits, hit => hit.Id == id);
            Assert.True(id == "long" || (hits[0].Id == id && hits[0].Score > 0.999), id);
        }
    }

    private static void Damage(TestEngine test, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={test.Folder.File(Path.Combine("index-data", SqliteDatabase.FileName))};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA foreign_keys = OFF; " + sql;
        command.ExecuteNonQuery();
    }
}
