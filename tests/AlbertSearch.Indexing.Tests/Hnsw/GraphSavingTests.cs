using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Hnsw;

/// <summary>Vectors so long that a chunk of memory has few of them: 4,096 floats, 256 a chunk.</summary>
public sealed class GraphSavingTests : IDisposable
{
    private const int Dimension = 4096;
    private const int ChunkRows = 256;
    private const long RowBytes = Dimension * sizeof(float);

    private static readonly HnswOptions Options = new() { M = 6, EfConstruction = 20, Ef = 20, RepairAt = 1 };
    private static readonly IndexSnapshotInfo Info = new() { ModelIdentity = "saving", AppliedSequence = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Save_moves_whole_chunks_of_vectors_to_the_file(bool scratchFile)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var vectors = RandomVectors.Units(1, (3 * ChunkRows) + 20, Dimension);
        using var index = new HnswIndex(Dimension, Options with { VectorFolder = scratchFile ? _folder.Path : null });
        Fill(index, vectors.AsSpan(0, ChunkRows + 10));
        AssertSaveMaps(rows: ChunkRows, moved: ChunkRows);
        AssertSearchesAreRight(index, vectors, ChunkRows + 10);

        // Grown, and saved over the file that is mapped.
        Fill(index, vectors.AsSpan(ChunkRows + 10), ChunkRows + 10);
        AssertSaveMaps(rows: 3 * ChunkRows, moved: 2 * ChunkRows);
        File.Delete(_folder.File("index"));
        AssertSearchesAreRight(index, vectors, vectors.Length);
        index.VerifyVectors();

        void AssertSaveMaps(int rows, int moved)
        {
            var before = index.GetStatistics();
            index.Save(_folder.File("index"), Info);
            var after = index.GetStatistics();
            if (scratchFile)
            {
                Assert.Equal((rows + ChunkRows) * RowBytes, before.MappedBytes);
                Assert.Equal(before, after with { Levels = before.Levels });
            }
            else
            {
                Assert.Equal(rows * RowBytes, after.MappedBytes);
                Assert.Equal(moved * RowBytes, before.MemoryBytes - after.MemoryBytes);
            }
        }
    }

    [Fact]
    public void Save_after_load_and_change_reads_the_new_file_from_then_on()
    {
        var vectors = RandomVectors.Units(2, (2 * ChunkRows) + 40, Dimension);
        var path = _folder.File("index");
        using (var index = new HnswIndex(Dimension, Options))
        {
            Fill(index, vectors.AsSpan(0, ChunkRows + 40));
            index.Save(path, Info);
        }

        var (loaded, _) = HnswIndex.Load(path, Options);
        using (loaded)
        {
            // Rows of the mapped file are written over: in this process alone.
            for (var slot = 0; slot < 40; slot++)
            {
                Assert.True(loaded.Remove(slot));
            }

            loaded.Repair();
            for (var slot = 0; slot < 40; slot++)
            {
                loaded.Insert(slot, vectors[slot]);
            }

            Fill(loaded, vectors.AsSpan(ChunkRows + 40), ChunkRows + 40);
            loaded.Save(path, Info with { AppliedSequence = 2 });
            AssertSearchesAreRight(loaded, vectors, vectors.Length);
        }

        var (again, info) = HnswIndex.Load(path, Options);
        using (again)
        {
            Assert.Equal(2, info.AppliedSequence);
            again.VerifyVectors();
            AssertSearchesAreRight(again, vectors, vectors.Length);
        }
    }

    /// <summary>
    /// Saves, repairs, removals and inserts beside searches: every score is that of the slot's vector, whatever memory it was read from,
    /// and every file holds for each of its slots the slot's vector.
    /// </summary>
    [Fact]
    public async Task Save_beside_searches_and_writers_moves_vectors_unseen()
    {
        const int Stable = 2 * ChunkRows;
        const int Saves = 12;
        var vectors = RandomVectors.Units(3, Stable + ChunkRows, Dimension);
        using var index = new HnswIndex(Dimension, Options);
        Fill(index, vectors.AsSpan(0, Stable));
        using var stop = new CancellationTokenSource();
        var searches = Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            var random = new Random(reader);
            var results = new Neighbor[5];
            do
            {
                var wanted = random.Next(Stable);
                var exact = random.Next(4) == 0;
                Assert.Equal(5, index.Search(vectors[wanted], new VectorSearchParameters { Ef = 40, Exact = exact }, results));
                Assert.True(!exact || results[0].Slot == wanted);
                foreach (var neighbor in results)
                {
                    Assert.Equal(Dot(vectors[wanted], vectors[neighbor.Slot]), neighbor.Score, 1e-4f);
                }
            }
            while (!stop.IsCancellationRequested);
        })).ToArray();
        var changes = Task.Run(() =>
        {
            var random = new Random(7);
            do
            {
                var slot = random.Next(Stable, vectors.Length);
                if (!index.Remove(slot))
                {
                    index.Insert(slot, vectors[slot]);
                }
                else if (random.Next(10) == 0)
                {
                    index.Repair(CancellationToken.None);
                }
            }
            while (!stop.IsCancellationRequested);
        });
        for (var save = 0; save < Saves; save++)
        {
            index.Save(_folder.File("index"), Info);
            var (loaded, _) = HnswIndex.Load(_folder.File("index"), Options);
            using (loaded)
            {
                Assert.InRange(loaded.Count, Stable, vectors.Length);
                for (var slot = 0; slot < vectors.Length; slot++)
                {
                    Assert.True(slot >= Stable || loaded.Contains(slot));
                    Assert.True(!loaded.Contains(slot) || Math.Abs(loaded.Score(vectors[slot], slot) - 1) < 1e-4f, $"slot {slot} has another vector");
                }
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. searches, changes]);
    }

    [Fact]
    public async Task Dispose_during_a_save_lets_it_end()
    {
        var vectors = RandomVectors.Units(4, 2 * ChunkRows, Dimension);
        var index = new HnswIndex(Dimension, Options);
        Fill(index, vectors);
        using var begun = new ManualResetEventSlim();
        var save = Task.Run(() =>
        {
            begun.Set();
            index.Save(_folder.File("index"), Info);
        });
        begun.Wait();
        index.Dispose();
        try
        {
            await save;
            var (loaded, _) = HnswIndex.Load(_folder.File("index"), Options);
            using (loaded)
            {
                loaded.VerifyVectors();
                Assert.Equal(vectors.Length, loaded.Count);
            }
        }
        catch (ObjectDisposedException)
        {
            // The index was gone before the save began.
            Assert.False(File.Exists(_folder.File("index")));
        }
    }

    private static void Fill(HnswIndex index, ReadOnlySpan<float[]> vectors, int first = 0)
    {
        for (var i = 0; i < vectors.Length; i++)
        {
            index.Insert(first + i, vectors[i]);
        }
    }

    private static void AssertSearchesAreRight(HnswIndex index, float[][] vectors, int count)
    {
        Assert.Equal(count, index.Count);
        var results = new Neighbor[3];
        for (var slot = 0; slot < count; slot += 7)
        {
            foreach (var exact in new[] { false, true })
            {
                Assert.Equal(3, index.Search(vectors[slot], new VectorSearchParameters { Ef = 60, Exact = exact }, results));
                Assert.Equal(slot, results[0].Slot);
                Assert.All(results, neighbor => Assert.Equal(Dot(vectors[slot], vectors[neighbor.Slot]), neighbor.Score, 1e-4f));
            }
        }
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * (double)b[i];
        }

        return (float)sum;
    }
}
