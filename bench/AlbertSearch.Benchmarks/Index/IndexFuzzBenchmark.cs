using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Indexing.Tests.Persistence;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>The suite's damage to index files for as many rounds as one has time for: half flipped bytes, half forged files whose checksums are right.</summary>
internal static class IndexFuzzBenchmark
{
    private const int RoundsAFile = 2_000;

    public static int Run(BenchmarkArguments arguments)
    {
        var rounds = arguments.Number("rounds", 100_000);
        var seed = arguments.Number("seed", 1);
        var folder = Directory.CreateTempSubdirectory("albertsearch-fuzz-");
        try
        {
            var (flips, forgeries, detected, refused) = (0, 0, 0, 0);
            for (var file = 0; flips + forgeries < rounds; file++)
            {
                var path = Path.Combine(folder.FullName, "index");
                Make(path, seed + file);
                detected += IndexFileFuzzer.FlipBytes(path, seed + file, RoundsAFile);
                flips += RoundsAFile;
                refused += IndexFileFuzzer.Forge(path, seed + file, RoundsAFile);
                forgeries += RoundsAFile;
            }

            VectorSet.Print($$"""{"bench":"index-fuzz","flippedBytes":{{flips}},"detected":{{detected}},"forgedFiles":{{forgeries}},"refused":{{refused}},"wrong":0}""");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A small index with tombstones and twins; another shape for each seed.</summary>
    private static void Make(string path, int seed)
    {
        var random = new Random(seed);
        using var index = new HnswIndex(random.Next(1, 40), new HnswOptions { M = random.Next(2, 20), Seed = (ulong)seed, RepairAt = 1 });
        var count = random.Next(2, 400);
        var vector = new float[index.Dimension];
        for (var slot = 0; slot < count; slot++)
        {
            for (var i = 0; i < vector.Length && random.Next(10) != 0; i++)
            {
                vector[i] = random.NextSingle() + 0.01f;
            }

            vector[0] += 0.01f;
            index.Insert(slot, vector);
        }

        for (var slot = 0; slot < count; slot += random.Next(1, 20))
        {
            index.Remove(slot);
        }

        index.Save(path, new IndexSnapshotInfo { ModelIdentity = "fuzz", AppliedSequence = seed });
    }
}
