using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Persistence;

/// <summary>
/// A file whose vectors are damaged in one block of four: it opens, and whoever touches the block is told. All else goes on.
/// </summary>
public sealed class DamagedVectorsTests : IDisposable
{
    private const int Dimension = 4096;
    private const int Count = 400;
    private const int BlockRows = 4;

    // Rows are slots here: nothing was used again.
    private const int DamagedRow = 101;
    private const int DamagedBlock = DamagedRow / BlockRows * BlockRows;

    // In the same block, and removed before the file was written.
    private const int Tombstone = 102;

    // A twin of a node outside the block, and a node outside that has a twin in it.
    private const int Twin = 103;
    private const int TwinOf = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly IndexSnapshotInfo Info = new() { ModelIdentity = "damaged", AppliedSequence = 1 };
    private static readonly HnswOptions Options = new() { M = 6, EfConstruction = 20, Ef = 20, RepairAt = 1 };

    private readonly TemporaryFolder _folder = new();
    private readonly float[][] _vectors = RandomVectors.Units(1, Count, Dimension);
    private readonly string _path;
    private readonly HnswIndex _index;

    public DamagedVectorsTests()
    {
        _vectors[Twin] = _vectors[TwinOf];
        _path = _folder.File("index");
        using (var index = new HnswIndex(Dimension, Options))
        {
            for (var slot = 0; slot < Count; slot++)
            {
                index.Insert(slot, _vectors[slot]);
            }

            Assert.True(index.Remove(Tombstone));
            index.Save(_path, Info);
        }

        using (var file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite))
        {
            var layout = IndexHeader.Read(file).Layout;
            Assert.Equal(BlockRows, layout.BlockRows);
            file.Position = layout.Sections[(int)IndexSection.Vectors].Offset + ((long)DamagedRow * layout.VectorStride) + 77;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 0x10));
        }

        _index = HnswIndex.Load(_path, Options).Index;
    }

    public void Dispose()
    {
        _index.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_of_the_block_gives_the_same_error_each_time_and_others_right_answers(bool exact)
    {
        var results = new Neighbor[1];
        for (var round = 0; round < 3; round++)
        {
            var error = Assert.Throws<IndexFormatException>(() => _index.Search(_vectors[DamagedRow], new VectorSearchParameters { Exact = exact }, results));
            Assert.Equal(_path, error.Path);
            Assert.Contains($"rows {DamagedBlock} to {DamagedBlock + 3}", error.Defect, StringComparison.Ordinal);
            Assert.Throws<IndexFormatException>(() => _index.Score(_vectors[0], DamagedRow));
            for (var slot = 0; slot < Count; slot += 23)
            {
                // An exact search touches all blocks; one of some slots, theirs alone.
                var parameters = exact ? new VectorSearchParameters { Exact = true, Allowed = Only(slot) } : new VectorSearchParameters { Ef = 60 };
                Assert.Equal(1, _index.Search(_vectors[slot], parameters, results));
                Assert.Equal(slot, results[0].Slot);
            }
        }
    }

    [Fact]
    public void Search_that_fails_gives_its_buffers_back()
    {
        var results = new Neighbor[1];
        var least = long.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            for (var failure = 0; failure < 20; failure++)
            {
                Assert.Throws<IndexFormatException>(() => _index.Search(_vectors[DamagedRow], default, results));
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            _index.Search(_vectors[0], new VectorSearchParameters { Ef = 60 }, results);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Search_by_several_threads_at_once_fails_or_is_right()
    {
        var failures = 0;
        await Parallel.ForAsync(0, 400, async (i, _) =>
        {
            await Task.Yield();
            var results = new Neighbor[1];
            try
            {
                var slot = i % 2 == 0 ? DamagedRow : Sound(i);
                Assert.Equal(1, _index.Search(_vectors[slot], new VectorSearchParameters { Ef = 60 }, results, CancellationToken.None));
                Assert.NotEqual(DamagedRow, slot);
                Assert.Equal(slot, results[0].Slot);
            }
            catch (IndexFormatException)
            {
                Interlocked.Increment(ref failures);
            }
        }).WaitAsync(Patience);

        // A search for others fails when it looks at the block on its way.
        Assert.InRange(failures, 200, 300);

        static int Sound(int slot) => slot is >= DamagedBlock and < DamagedBlock + BlockRows ? 0 : slot;
    }

    [Fact]
    public void Cursor_that_fails_fails_again_and_reads_nothing()
    {
        using var cursor = _index.OpenCursor(_vectors[DamagedRow], new VectorSearchParameters { Exact = true, Allowed = Only(DamagedRow) });
        var results = new Neighbor[3];
        for (var round = 0; round < 3; round++)
        {
            Assert.Throws<IndexFormatException>(() => cursor.ReadNext(results));
            Assert.Equal(default, results[0]);
        }
    }

    [Fact]
    public async Task Save_fails_and_keeps_the_file_and_the_index()
    {
        var before = File.ReadAllBytes(_path);
        for (var round = 0; round < 2; round++)
        {
            await Assert.ThrowsAsync<IndexFormatException>(() => Task.Run(() => _index.Save(_path, Info)).WaitAsync(Patience));
        }

        Assert.Equal(before, File.ReadAllBytes(_path));
        Assert.Equal([_path], Directory.GetFiles(_folder.Path));
        Assert.Throws<IndexFormatException>(() => _index.VerifyVectors());

        // Neither writers nor rows are held up.
        await Task.Run(() =>
        {
            Assert.True(_index.Remove(300));
            _index.Repair();
            _index.Insert(300, _vectors[300]);
        }).WaitAsync(Patience);
        var results = new Neighbor[1];
        Assert.Equal(1, _index.Search(_vectors[300], new VectorSearchParameters { Ef = 60 }, results));
        Assert.Equal(300, results[0].Slot);
    }

    [Fact]
    public async Task Insert_into_a_row_of_the_block_fails_and_the_next_takes_another()
    {
        await Task.Run(() => _index.Repair()).WaitAsync(Patience);
        Assert.Throws<IndexFormatException>(() => _index.Insert(1000, _vectors[0]));
        Assert.False(_index.Contains(1000));
        var vector = RandomVectors.Units(2, 1, Dimension)[0];
        _index.Insert(1000, vector);
        Assert.Equal(1f, _index.Score(vector, 1000), 1e-4f);
    }

    [Fact]
    public async Task Repair_of_copies_fails_and_loses_none()
    {
        // The node goes, and its twin lies in the block.
        Assert.True(_index.Remove(TwinOf));
        for (var round = 0; round < 2; round++)
        {
            await Assert.ThrowsAsync<IndexFormatException>(() => Task.Run(() => _index.Repair()).WaitAsync(Patience));
        }

        var results = new Neighbor[1];
        Assert.Equal(1, _index.Search(_vectors[TwinOf], new VectorSearchParameters { Ef = 60 }, results));
        Assert.Equal(Twin, results[0].Slot);
    }

    [Fact]
    public async Task Dispose_after_failures_is_the_end()
    {
        Assert.Throws<IndexFormatException>(() => _index.Search(_vectors[DamagedRow], default, new Neighbor[1]));
        await Assert.ThrowsAsync<IndexFormatException>(() => Task.Run(() => _index.Save(_path, Info)).WaitAsync(Patience));
        await Task.Run(_index.Dispose).WaitAsync(Patience);
        Assert.Throws<ObjectDisposedException>(() => _index.Search(_vectors[0], default, new Neighbor[1]));
    }

    private static SlotSet Only(int slot)
    {
        var allowed = new SlotSet();
        allowed.Add(slot);
        return allowed;
    }
}
