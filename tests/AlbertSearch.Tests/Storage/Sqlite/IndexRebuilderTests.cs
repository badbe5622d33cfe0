using AlbertSearch.Search;
using AlbertSearch.Storage;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class IndexRebuilderTests : IDisposable
{
    private const int Documents = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Damage_that_a_search_meets_is_healed_and_no_search_fails()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();
        Assert.NotNull(storage.Index.Graph);

        await AssertHoldsAsync(storage, Enumerable.Range(0, Documents));
        Assert.Null(storage.Index.Graph);
        Assert.True(File.Exists(DamagedFile));
        await AssertRebuiltAsync(storage, Enumerable.Range(0, Documents));
    }

    [Fact]
    public async Task Damage_that_an_approximate_search_meets_is_healed()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync(exactBelow: 0);
        var hits = await storage.FindAsync(VectorOf("299")[0], k: 3, include: HitParts.Chunks | HitParts.Vector);
        Assert.Equal(["d299", "d298", "d297"], hits.Select(hit => hit.Id));
        Assert.All(hits, hit => Assert.Equal(VectorOf(hit.Id[1..])[0], hit.Vector!));
        Assert.All(hits, hit => Assert.Equal(hit.Score, hit.Chunks!.Single().Score));
        Assert.Null(storage.Index.Graph);
        await AssertRebuiltAsync(storage, Enumerable.Range(0, Documents));
    }

    [Fact]
    public async Task Damage_that_an_insert_meets_does_not_fail_the_write()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();

        // All but equal to one that is there, so that their floats are compared.
        await storage.EnqueueAsync(StorageUnderTest.Upsert("d300", "299.0001"));
        await storage.ApplyAllAsync(VectorOf);
        Assert.Null(storage.Index.Graph);
        Assert.True(File.Exists(DamagedFile));
        Assert.Equal(Documents + 1, (await storage.FindAsync(StorageUnderTest.Query, k: 1_000)).Count);
        Assert.True(await storage.Rebuilder.RunPendingAsync(CancellationToken.None));
        Assert.Equal(Documents + 1, storage.Index.Graph!.Count);
    }

    [Fact]
    public async Task Damage_that_the_recall_check_meets_is_healed()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();
        Assert.Equal(1, await storage.Store.MeasureRecallAsync(storage.Collection.Key, samples: 10, k: 5, ef: 0));
        Assert.True(File.Exists(DamagedFile));
        await AssertRebuiltAsync(storage, Enumerable.Range(0, Documents));
    }

    [Fact]
    public async Task Damage_that_a_save_meets_is_healed_and_the_next_save_works()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Delete("d000"));
        await storage.ApplyAllAsync(_ => []);
        await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        Assert.True(File.Exists(DamagedFile));
        await AssertRebuiltAsync(storage, Enumerable.Range(1, Documents - 1));
        await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        Assert.Equal(0, storage.Index.Changes);
    }

    [Fact]
    public async Task Writes_before_and_during_the_fill_are_all_found()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();
        await AssertHoldsAsync(storage, Enumerable.Range(0, Documents));

        // Replaced and not filled yet: the tables answer.
        await WriteAsync(storage, delete: 0, insert: 300);
        await AssertHoldsAsync(storage, Enumerable.Range(10, Documents));
        await AssertRebuiltAsync(storage, Enumerable.Range(10, Documents));
        await WriteAsync(storage, delete: 10, insert: 310);
        await AssertHoldsAsync(storage, Enumerable.Range(20, Documents));
    }

    [Fact]
    public async Task Vector_that_only_the_old_index_has_got_is_in_the_new_one_when_it_is_committed()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("d300", "300"));
        var writes = await storage.LeaseAsync("owner");
        using var gate = new ManualResetEventSlim();
        var held = storage.Database.Writer.RunAsync(_ => gate.Wait());

        Task<ApplyResult> write;
        Task<bool> building;
        try
        {
            // Its vector goes into the old index; its transaction waits for the one before.
            write = storage.Store.ApplyAsync([storage.Prepare(writes, VectorOf)], "owner");
            await AssertHoldsAsync(storage, Enumerable.Range(0, Documents));
            building = Task.Run(() => storage.Rebuilder.RunPendingAsync(CancellationToken.None));
            for (var search = 0; search < 300; search++)
            {
                await AssertHoldsAsync(storage, Enumerable.Range(0, Documents));
            }

            Assert.False(building.IsCompleted);
        }
        finally
        {
            gate.Set();
        }

        await held;
        await write;
        Assert.True(await building);
        await AssertHoldsAsync(storage, Enumerable.Range(0, Documents + 1));
        Assert.Equal(Documents + 1, storage.Index.Graph!.Count);
    }

    [Fact]
    public async Task Slot_of_a_page_is_not_used_again_until_the_page_is_built()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(0, 3).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
        await storage.ApplyAllAsync(VectorOf);
        var index = storage.Index;
        var last = await storage.Rebuilder.UsePageAsync(
            index,
            after: -1,
            async page =>
            {
                Assert.Equal([0, 1, 2], page.Select(entry => entry.Slot));

                // The document of the page's slot 1 goes and another one comes, both durably, before the page is built.
                await storage.EnqueueAsync(StorageUnderTest.Delete("d001"));
                await storage.ApplyAllAsync(_ => []);
                await storage.EnqueueAsync(StorageUnderTest.Upsert("d003", "3"));
                await storage.ApplyAllAsync(VectorOf);
                Assert.Equal([0, 2, 3], await ReadSlotsAsync(storage));
                Assert.True(index.Index.Contains(1));
            },
            CancellationToken.None);
        Assert.Equal(2, last);

        // Now it is: the next document gets it.
        while (index.FindInTransition(1) is not null)
        {
            await Task.Yield();
        }

        await storage.EnqueueAsync(StorageUnderTest.Upsert("d004", "4"));
        await storage.ApplyAllAsync(VectorOf);
        Assert.Equal([0, 1, 2, 3], await ReadSlotsAsync(storage));
    }

    [Fact]
    public async Task Every_document_is_found_all_the_time_while_the_index_is_replaced_beside_writes()
    {
        await DamageVectorsAsync();
        await using var storage = await OpenAsync();
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var searches = 0;
            while (!done.IsCancellationRequested)
            {
                var hits = await storage.FindAsync(StorageUnderTest.Query, k: 1_000);
                Assert.Equal(Enumerable.Range(0, Documents).Select(i => $"d{i:000}"), hits.Select(hit => hit.Id).Order(StringComparer.Ordinal));
                searches++;
            }

            return searches;
        })).ToList();
        var building = Task.Run(async () =>
        {
            while (storage.Index.Graph is not null)
            {
                await Task.Yield();
            }

            Assert.True(await storage.Rebuilder.RunPendingAsync(CancellationToken.None));
        });

        // Replaced over and over, each time by a text of nearly the same vector.
        for (var round = 1; round <= 20 || !building.IsCompleted; round++)
        {
            await storage.EnqueueAsync([.. Enumerable.Range(0, 30).Select(i => StorageUnderTest.Upsert($"d{(i * 7) % Documents:000}", $"{(i * 7) % Documents}.{round}"))]);
            await storage.ApplyAllAsync(VectorOf);
        }

        await building;
        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), searches => Assert.True(searches > 0));
        Assert.NotNull(storage.Index.Graph);
        await storage.SqliteStore.DisposeAsync();
        Assert.Equal(Documents, storage.Index.Graph.Count);
    }

    private string DamagedFile => _folder.File("generation-1.hnsw.damaged");

    private static float[][] VectorOf(string text)
    {
        var angle = double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) * 0.004;
        return [[(float)Math.Cos(angle), (float)Math.Sin(angle), 0, 0]];
    }

    private static Task<List<int>> ReadSlotsAsync(SqliteStorageUnderTest storage) => storage.Database.Readers.ReadAsync(session =>
    {
        using var reader = session.Query("SELECT slot FROM chunks ORDER BY slot");
        var slots = new List<int>();
        while (reader.Read())
        {
            slots.Add(reader.GetInt32(0));
        }

        return slots;
    });

    private static async Task WriteAsync(SqliteStorageUnderTest storage, int delete, int insert)
    {
        await storage.EnqueueAsync([.. Enumerable.Range(delete, 10).Select(i => StorageUnderTest.Delete($"d{i:000}"))]);
        await storage.ApplyAllAsync(_ => []);
        await storage.EnqueueAsync([.. Enumerable.Range(insert, 10).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
        await storage.ApplyAllAsync(VectorOf);
    }

    private static async Task AssertRebuiltAsync(SqliteStorageUnderTest storage, IEnumerable<int> numbers)
    {
        Assert.True(await storage.Rebuilder.RunPendingAsync(CancellationToken.None));
        Assert.NotNull(storage.Index.Graph);
        await AssertHoldsAsync(storage, numbers);
        Assert.Equal(numbers.Count(), storage.Index.Graph.Count);
        Assert.Equal(1, await storage.Store.MeasureRecallAsync(storage.Collection.Key, samples: 20, k: 5, ef: 200));
    }

    private static async Task AssertHoldsAsync(SqliteStorageUnderTest storage, IEnumerable<int> numbers)
    {
        var hits = await storage.FindAsync(StorageUnderTest.Query, k: 1_000);
        Assert.Equal(numbers.Select(i => $"d{i:000}"), hits.Select(hit => hit.Id));
        Assert.All(hits, hit => Assert.Equal(VectorOf(hit.Id[1..])[0][0], hit.Score, 1e-6));
    }

    private Task<SqliteStorageUnderTest> OpenAsync(int exactBelow = int.MaxValue) =>
        SqliteStorageUnderTest.OpenAsync(maxWrites: 10_000, folder: _folder, kind: IndexOptions.Hnsw, exactBelow: exactBelow);

    // The last float vector of the file; what is read and checked when it is opened is sound.
    private async Task DamageVectorsAsync()
    {
        await using (var storage = await OpenAsync())
        {
            await storage.EnqueueAsync([.. Enumerable.Range(0, Documents).Select(i => StorageUnderTest.Upsert($"d{i:000}", $"{i}"))]);
            await storage.ApplyAllAsync(VectorOf);
            await storage.SqliteStore.SaveIndexesAsync(1, CancellationToken.None);
        }

        using var file = new FileStream(Directory.GetFiles(_folder.Path, "generation-1-*.hnsw").Single(), FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length - 64;
        var first = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(first ^ 0x40));
    }
}
