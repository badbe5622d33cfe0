using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class IndexSnapshotsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Snapshot_brings_the_graph_back()
    {
        await FillAsync(0, 300);
        await using var storage = await OpenAsync();
        Assert.Equal(0, storage.Indexes.Find(storage.Generation.Key)!.Changes);
        await AssertHoldsAsync(storage, Enumerable.Range(0, 300));
    }

    [Fact]
    public async Task Old_snapshot_is_brought_up_to_date()
    {
        await FillAsync(0, 300);
        await using (var storage = await OpenAsync())
        {
            // Deleted, replaced in freed slots, and new: all of it the old snapshot doesn't know.
            await storage.EnqueueAsync([.. Enumerable.Range(0, 100).Select(i => StorageUnderTest.Delete($"d{i:000}"))]);
            await storage.ApplyAllAsync(_ => []);
            await storage.EnqueueAsync([.. Enumerable.Range(300, 150).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
            await storage.ApplyAllAsync(VectorOf);
            await storage.EnqueueAsync([.. Enumerable.Range(200, 20).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}.0"))]);
            await storage.ApplyAllAsync(VectorOf);
        }

        await using var reopened = await OpenAsync();
        await AssertHoldsAsync(reopened, Enumerable.Range(100, 350));
    }

    [Fact]
    public async Task Missing_snapshot_is_made_from_the_stored_vectors()
    {
        await FillAsync(0, 50);
        File.Delete(SnapshotFile);
        await using var storage = await OpenAsync();
        await AssertHoldsAsync(storage, Enumerable.Range(0, 50));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(-1)]
    public async Task Damaged_snapshot_is_set_aside(int cutAt)
    {
        await FillAsync(0, 50);
        using (var file = new FileStream(SnapshotFile, FileMode.Open))
        {
            if (cutAt < 0)
            {
                file.Position = 20;
                file.WriteByte(0xEE);
            }
            else
            {
                file.SetLength(cutAt);
            }
        }

        await using var storage = await OpenAsync();
        await AssertHoldsAsync(storage, Enumerable.Range(0, 50));
        Assert.True(File.Exists(_folder.File("generation-1.hnsw.damaged")));
    }

    [Fact]
    public async Task Newer_snapshot_beside_an_older_database_is_not_its_own()
    {
        await FillAsync(0, 300);
        File.Copy(DatabaseFile, DatabaseFile + ".old");
        await ReplaceAllAsync(save: true);

        // In the snapshot there are other vectors in the same slots.
        var newer = SnapshotFile;
        File.Move(DatabaseFile + ".old", DatabaseFile, overwrite: true);
        await using var storage = await OpenAsync();
        Assert.False(File.Exists(newer));
        await AssertHoldsAsync(storage, Enumerable.Range(0, 300));
    }

    [Fact]
    public async Task Snapshot_serves_every_database_that_came_of_the_one_that_lists_it()
    {
        await FillAsync(0, 300);
        File.Copy(DatabaseFile, DatabaseFile + ".old");
        var snapshot = SnapshotFile;
        await ReplaceAllAsync(save: false);
        Assert.Equal(snapshot, SnapshotFile);
        await using (var storage = await OpenAsync())
        {
            await AssertHoldsAsync(storage, Enumerable.Range(300, 300));
        }

        // The keys of its new chunks are those that the other one gave away, too.
        File.Move(DatabaseFile + ".old", DatabaseFile, overwrite: true);
        await using (var storage = await OpenAsync())
        {
            await storage.EnqueueAsync([.. Enumerable.Range(0, 100).Select(i => StorageUnderTest.Delete($"d{i:000}"))]);
            await storage.ApplyAllAsync(_ => []);
            await storage.EnqueueAsync([.. Enumerable.Range(400, 100).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
            await storage.ApplyAllAsync(VectorOf);
        }

        await using var reopened = await OpenAsync();
        Assert.Equal(snapshot, SnapshotFile);
        await AssertHoldsAsync(reopened, [.. Enumerable.Range(100, 200), .. Enumerable.Range(400, 100)]);
    }

    [Fact]
    public async Task File_of_a_save_that_was_cut_off_is_deleted_and_the_listed_one_is_used()
    {
        await FillAsync(0, 300);
        var listed = SnapshotFile;
        string[] others = [_folder.File($"generation-1-{Guid.Empty:n}.hnsw"), _folder.File($"generation-1-{Guid.Empty:n}.hnsw.tmp"), _folder.File("generation-1.hnsw"), _folder.File("generation-77.hnsw")];
        Array.ForEach(others, other => File.Copy(listed, other));
        File.WriteAllText(_folder.File("generation-of-mine.txt"), "stays");

        await using var storage = await OpenAsync();
        Assert.Equal(listed, SnapshotFile);
        Assert.All(others, other => Assert.False(File.Exists(other)));
        Assert.True(File.Exists(_folder.File("generation-of-mine.txt")));
        Assert.Equal(0, storage.Index.Changes);
        await AssertHoldsAsync(storage, Enumerable.Range(0, 300));
    }

    [Fact]
    public async Task File_of_another_snapshot_under_the_listed_name_is_not_used()
    {
        await FillAsync(0, 300);
        var before = _folder.File("before");
        File.Copy(SnapshotFile, before);
        await ReplaceAllAsync(save: true);
        File.Move(before, SnapshotFile, overwrite: true);

        await using var storage = await OpenAsync();
        Assert.Equal(300, storage.Index.Changes);
        await AssertHoldsAsync(storage, Enumerable.Range(300, 300));
    }

    [Fact]
    public async Task Save_that_is_cut_short_leaves_the_old_file_and_the_next_one_replaces_it()
    {
        await FillAsync(0, 300);
        var old = SnapshotFile;
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Delete("d000"));
        await storage.ApplyAllAsync(_ => []);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => storage.Indexes.SaveAsync(1, applied: 300, new CancellationToken(canceled: true)));
        Assert.Equal(old, SnapshotFile);
        Assert.Equal(1, storage.Index.Changes);

        await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        Assert.NotEqual(old, SnapshotFile);
        Assert.Equal(0, storage.Index.Changes);
    }

    [Fact]
    public async Task Save_that_can_not_be_listed_leaves_the_old_file()
    {
        await FillAsync(0, 300);
        var old = SnapshotFile;
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Delete("d000"));
        await storage.ApplyAllAsync(_ => []);

        await storage.Database.Writer.RunAloneAsync(session => session.Execute("PRAGMA query_only = ON"));
        await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        Assert.Equal(old, SnapshotFile);
        Assert.Equal(1, storage.Index.Changes);
    }

    [Fact]
    public async Task Snapshots_go_with_their_collection()
    {
        await FillAsync(0, 300);
        await using var storage = await OpenAsync();
        await storage.Store.DeleteCollectionAsync(storage.Collection.Key);
        await storage.Store.PurgeDeletedAsync();
        Assert.Empty(SnapshotFiles);
        Assert.Equal(0, await storage.Database.Readers.ReadAsync(session => session.Integer("SELECT COUNT(*) FROM generations") + session.Integer("SELECT COUNT(*) FROM index_files")));
    }

    [Fact]
    public async Task Database_of_the_first_schema_is_migrated_and_its_snapshot_made_anew()
    {
        await FillAsync(0, 300);
        File.Move(SnapshotFile, _folder.File("generation-1.hnsw"));
        var filled = _folder.File("filled.db");
        File.Move(DatabaseFile, filled);
        using (var database = SqliteDatabase.Open(_folder.Path, [SqliteSchema.Migrations[0]], TimeProvider.System, NullLogger.Instance))
        {
            await database.Writer.RunAloneAsync(session =>
            {
                session.Execute("ATTACH $1 AS filled", filled);
                foreach (var table in (string[])["collections", "generations", "documents", "chunks"])
                {
                    var columns = session.Scalar("SELECT group_concat('\"' || name || '\"') FROM pragma_table_info($1)", table);
                    session.Execute($"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM filled.{table}");
                }
            });
        }

        await using var storage = await OpenAsync();
        Assert.Equal(SqliteSchema.Migrations.Count, await storage.Database.Readers.ReadAsync(session => session.Integer("PRAGMA user_version")));
        Assert.False(File.Exists(_folder.File("generation-1.hnsw")));
        await AssertHoldsAsync(storage, Enumerable.Range(0, 300));
        await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        Assert.Single(SnapshotFiles);
        using var copy = new SqliteConnection($"Data Source={DatabaseFile}.schema-1;Pooling=False");
        copy.Open();
        using var command = copy.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM chunks";
        Assert.Equal(300L, command.ExecuteScalar());
    }

    [Fact]
    public async Task Large_graph_without_snapshot_is_built_beside_exact_searches_and_changes()
    {
        await FillAsync(0, 2_100);
        File.Delete(SnapshotFile);
        await using var storage = await OpenAsync();
        var index = storage.Indexes.Find(storage.Generation.Key)!;
        Assert.Null(index.Graph);
        await AssertHoldsAsync(storage, Enumerable.Range(0, 2_100));

        var building = Task.Run(() => storage.Rebuilder.RunPendingAsync(CancellationToken.None));
        await storage.EnqueueAsync([.. Enumerable.Range(0, 100).Select(i => StorageUnderTest.Delete($"d{i:000}"))]);
        await storage.ApplyAllAsync(_ => []);
        await storage.EnqueueAsync([.. Enumerable.Range(2_100, 100).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
        await storage.ApplyAllAsync(VectorOf);
        Assert.True(await building);
        Assert.NotNull(index.Graph);
        await AssertHoldsAsync(storage, Enumerable.Range(100, 2_100));
        Assert.Equal(2_100, index.Graph.Count);
    }

    [Fact]
    public async Task Graph_that_lacks_many_vectors_is_completed_beside_exact_searches()
    {
        await FillAsync(0, 100);
        await using (var storage = await OpenAsync())
        {
            await storage.EnqueueAsync(StorageUnderTest.Delete("d000"));
            await storage.EnqueueAsync([.. Enumerable.Range(100, 2_100).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
            await storage.ApplyAllAsync(VectorOf);
        }

        await using var reopened = await OpenAsync();
        Assert.Null(reopened.Index.Graph);
        await AssertHoldsAsync(reopened, Enumerable.Range(1, 2_199));
        Assert.True(await reopened.Rebuilder.RunPendingAsync(CancellationToken.None));
        Assert.Equal(2_199, reopened.Index.Graph!.Count);
        await AssertHoldsAsync(reopened, Enumerable.Range(1, 2_199));
        Assert.True(reopened.Index.Changes >= 2_100);
    }

    [Fact]
    public async Task Damage_that_completing_a_graph_meets_is_healed()
    {
        await FillAsync(0, 100);
        await using (var storage = await OpenAsync())
        {
            // Twins of those in the file, so that their floats are compared.
            await storage.EnqueueAsync([.. Enumerable.Range(100, 2_100).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i % 100}.0001"))]);
            await storage.ApplyAllAsync(VectorOf);
        }

        using (var file = new FileStream(SnapshotFile, FileMode.Open))
        {
            file.Position = file.Length - 64;
            file.WriteByte(0xEE);
        }

        await using var reopened = await OpenAsync();
        Assert.Equal(2_200, (await reopened.FindAsync(StorageUnderTest.Query, k: 5_000)).Count);
        Assert.True(await reopened.Rebuilder.RunPendingAsync(CancellationToken.None));
        Assert.True(File.Exists(_folder.File("generation-1.hnsw.damaged")));
        Assert.Equal(2_200, reopened.Index.Graph!.Count);
        Assert.Equal(2_200, (await reopened.FindAsync(StorageUnderTest.Query, k: 5_000)).Count);
    }

    private string SnapshotFile => Assert.Single(SnapshotFiles);

    private string[] SnapshotFiles => Directory.GetFiles(_folder.Path, "generation-1-*.hnsw");

    private string DatabaseFile => _folder.File(SqliteDatabase.FileName);

    private static float[][] VectorOf(string text)
    {
        var angle = double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) * 0.0005;
        return [[(float)Math.Cos(angle), (float)Math.Sin(angle), 0, 0]];
    }

    private Task<SqliteStorageUnderTest> OpenAsync() => SqliteStorageUnderTest.OpenAsync(maxWrites: 10_000, folder: _folder, kind: IndexOptions.Hnsw);

    private async Task FillAsync(int first, int count)
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(first, count).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
        await storage.ApplyAllAsync(VectorOf);
        await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        Assert.Single(SnapshotFiles);
    }

    /// <summary>Other documents take the slots of the first ones.</summary>
    private async Task ReplaceAllAsync(bool save)
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(0, 300).Select(i => StorageUnderTest.Delete($"d{i:000}"))]);
        await storage.ApplyAllAsync(_ => []);
        await storage.EnqueueAsync([.. Enumerable.Range(300, 300).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
        await storage.ApplyAllAsync(VectorOf);
        if (save)
        {
            await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        }
    }

    private static async Task AssertHoldsAsync(SqliteStorageUnderTest storage, IEnumerable<int> numbers)
    {
        var hits = await storage.FindAsync(StorageUnderTest.Query, k: 5_000);
        Assert.Equal(numbers.Select(i => $"d{i:000}"), hits.Select(hit => hit.Id));
        Assert.Equal(hits.Count, storage.Indexes.Find(storage.Generation.Key)!.Index.Count);
        Assert.All(hits, hit => Assert.Equal(VectorOf(hit.Id[1..])[0][0], hit.Score, 1e-6));
    }
}
