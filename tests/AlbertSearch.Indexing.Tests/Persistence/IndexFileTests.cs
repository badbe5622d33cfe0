using System.Runtime.InteropServices;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Persistence;

public sealed class IndexFileTests : IDisposable
{
    private const int Dimension = 20;
    private const int Count = 300;

    private static readonly IndexSnapshotInfo Info = new() { Id = new Guid("00112233-4455-6677-8899-aabbccddeeff"), ModelIdentity = "sha256:0123é", AppliedSequence = long.MaxValue - 7 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_saved_index_answers_the_same()
    {
        using var index = Sample();
        var path = Save(index);
        var (loaded, info) = HnswIndex.Load(path);
        using (loaded)
        {
            Assert.Equal(Info, info);
            Assert.Equal(index.Count, loaded.Count);
            Assert.Equal(index.GetStatistics().Tombstones, loaded.GetStatistics().Tombstones);
            Assert.Equal(index.GetStatistics().Levels, loaded.GetStatistics().Levels);
            AssertSameAnswers(index, loaded);
            loaded.VerifyVectors();
        }
    }

    [Fact]
    public void Load_then_change_then_save_over_the_same_file_keeps_all()
    {
        using var index = Sample();
        var path = Save(index);
        var (loaded, _) = HnswIndex.Load(path, new HnswOptions { VectorFolder = _folder.Path, RepairAt = 1 });
        using (loaded)
        {
            var more = RandomVectors.Units(9, 3_000, Dimension);
            for (var i = 0; i < more.Length; i++)
            {
                loaded.Insert(10_000 + i, more[i]);
            }

            Assert.True(loaded.Remove(10_000));
            loaded.Repair();
            loaded.Insert(5_000, more[0]);
            loaded.Save(path, Info with { AppliedSequence = 8 });
            var (again, info) = HnswIndex.Load(path);
            using (again)
            {
                Assert.Equal(8, info.AppliedSequence);
                Assert.Equal(loaded.Count, again.Count);
                AssertSameAnswers(loaded, again);
            }

            AssertSameAnswers(loaded, loaded);
        }

        Assert.Equal(["index"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Save_empty_index_loads_empty()
    {
        using var index = new HnswIndex(Dimension);
        var (loaded, _) = HnswIndex.Load(Save(index));
        using (loaded)
        {
            Assert.Equal(0, loaded.Count);
            loaded.Insert(3, RandomVectors.Units(1, 1, Dimension)[0]);
            Assert.Equal(1, loaded.Count);
        }
    }

    [Fact]
    public void Save_bad_identity_or_folder_is_refused_and_keeps_the_file()
    {
        using var index = Sample();
        var path = Save(index);
        var bytes = File.ReadAllBytes(path);
        Assert.Throws<ArgumentException>(() => index.Save(path, Info with { ModelIdentity = new string('x', 257) }));
        Assert.ThrowsAny<IOException>(() => index.Save(Path.Combine(_folder.Path, "no", "folder"), Info));
        Assert.ThrowsAny<OperationCanceledException>(() => index.Save(path, Info, new CancellationToken(canceled: true)));
        Assert.Equal(bytes, File.ReadAllBytes(path));
        index.Insert(99_999, RandomVectors.Units(1, 1, Dimension)[0]);
        Assert.Equal(["index"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Load_no_file_says_so() => Assert.ThrowsAny<IOException>(() => HnswIndex.Load(_folder.File("none")));

    [Fact]
    public void Load_next_version_is_refused_by_name()
    {
        using var index = Sample();
        var path = Save(index);
        var bytes = File.ReadAllBytes(path);
        bytes[8]++;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("version 2", Assert.Throws<IndexFormatException>(() => HnswIndex.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_truncated_anywhere_is_detected()
    {
        using var index = Sample();
        var path = Save(index);
        var bytes = File.ReadAllBytes(path);
        var layout = new IndexLayout(Dimension, 16, index.Count + index.GetStatistics().Tombstones, UpperLists(index));
        Assert.Equal(layout.FileLength, bytes.Length);
        var random = new Random(31);
        var cuts = layout.Sections.SelectMany(s => new[] { s.Offset, s.Offset + s.Length })
            .Where(cut => cut < bytes.Length)
            .Concat(Enumerable.Range(0, 200).Select(_ => (long)random.Next(bytes.Length)))
            .Append(0);
        foreach (var cut in cuts)
        {
            File.WriteAllBytes(path, bytes[..(int)cut]);
            Assert.Throws<IndexFormatException>(() => HnswIndex.Load(path));
        }

        File.WriteAllBytes(path, [.. bytes, 0]);
        Assert.Throws<IndexFormatException>(() => HnswIndex.Load(path));
    }

    [Fact]
    public void Load_flipped_byte_is_detected_or_harmless()
    {
        using var index = Sample();
        var path = Save(index);
        var detected = IndexFileFuzzer.FlipBytes(path, seed: 32, rounds: 2_000);

        // What is not detected lies between the sections.
        var layout = new IndexLayout(Dimension, 16, index.Count + index.GetStatistics().Tombstones, UpperLists(index));
        var used = IndexLayout.Page + layout.Sections.Sum(s => s.Length);
        Assert.InRange(detected / 2_000.0, (used / (double)layout.FileLength) - 0.05, 1);
    }

    [Fact]
    public void Load_forged_file_is_refused_or_harmless()
    {
        using var index = Sample();
        var refused = IndexFileFuzzer.Forge(Save(index), seed: 33, rounds: 2_000);
        Assert.InRange(refused, 200, 2_000);
    }

    [Fact]
    public void Load_forged_twins_that_lists_name_are_found_once()
    {
        const int Node = 20;
        using var index = Sample();
        var path = Save(index);
        var bytes = File.ReadAllBytes(path);
        IndexHeader header;
        using (var file = File.OpenRead(path))
        {
            header = IndexHeader.Read(file);
        }

        var twins = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan((int)header.Layout.Sections[(int)IndexSection.Twins].Offset, header.Rows * sizeof(uint)));
        for (var row = 100; row < 200; row++)
        {
            twins[row] = row == header.EntryPoint ? twins[row] : Node << 1;
        }

        IndexFileFuzzer.PutChecksumsRight(bytes);
        File.WriteAllBytes(path, bytes);
        var (loaded, _) = HnswIndex.Load(path);
        using (loaded)
        {
            var results = new Neighbor[10];
            foreach (var query in RandomVectors.Units(77, 50, Dimension))
            {
                Assert.Equal(10, loaded.Search(query, new VectorSearchParameters { Ef = 60 }, results));
                Assert.Equal(10, results.DistinctBy(neighbor => neighbor.Slot).Count());
            }
        }
    }

    private static int UpperLists(HnswIndex index) => index.GetStatistics().Levels.Select((count, level) => count * level).Sum();

    private static void AssertSameAnswers(HnswIndex expected, HnswIndex actual)
    {
        var (a, b) = (new Neighbor[10], new Neighbor[10]);
        foreach (var query in RandomVectors.Units(77, 50, Dimension))
        {
            foreach (var parameters in new[] { new VectorSearchParameters { Ef = 10 }, new VectorSearchParameters { Exact = true } })
            {
                Assert.Equal(expected.Search(query, parameters, a), actual.Search(query, parameters, b));
                Assert.Equal(a, b);
            }
        }
    }

    /// <summary>An index with twins, tombstones and several layers.</summary>
    private static HnswIndex Sample()
    {
        var index = new HnswIndex(Dimension, new HnswOptions { RepairAt = 1 });
        var vectors = RandomVectors.Units(30, Count, Dimension);
        for (var slot = 0; slot < Count; slot++)
        {
            index.Insert(3 * slot, vectors[slot % 40 == 7 ? 7 : slot]);
        }

        for (var slot = 0; slot < Count; slot += 9)
        {
            index.Remove(3 * slot);
        }

        return index;
    }

    private string Save(HnswIndex index)
    {
        var path = _folder.File("index");
        index.Save(path, Info);
        return path;
    }
}
