using AlbertSearch.Testing;

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
        File.Copy(SnapshotFile, SnapshotFile + ".old");
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

        File.Move(SnapshotFile + ".old", SnapshotFile, overwrite: true);
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
        Assert.True(File.Exists(SnapshotFile + ".damaged"));
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

    private string SnapshotFile => _folder.File("generation-1.hnsw");

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
        Assert.True(File.Exists(SnapshotFile));
    }

    private static async Task AssertHoldsAsync(SqliteStorageUnderTest storage, IEnumerable<int> numbers)
    {
        var hits = await storage.FindAsync(StorageUnderTest.Query, k: 5_000);
        Assert.Equal(numbers.Select(i => $"d{i:000}"), hits.Select(hit => hit.Id));
        Assert.Equal(hits.Count, storage.Indexes.Find(storage.Generation.Key)!.Index.Count);
        Assert.All(hits, hit => Assert.Equal(VectorOf(hit.Id[1..])[0][0], hit.Score, 1e-6));
    }
}
