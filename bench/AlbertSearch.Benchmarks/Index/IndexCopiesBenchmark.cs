using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Half of the vectors become copies of one, exact or off by noise of several lengths: recall on queries that mean the rest.</summary>
internal static class IndexCopiesBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        var vectors = new VectorSet(arguments.Required("base"));
        var queries = new VectorSet(arguments.Required("query"));
        var threads = arguments.Number("threads", 1);
        var parameters = new VectorSearchParameters { Ef = arguments.Number("ef", 64) };
        foreach (var noise in new[] { 0f, 1e-6f, 1e-4f, 5e-4f, 1e-3f, 2e-3f, 1e-2f, 1e-1f, 3e-1f })
        {
            using var index = new HnswIndex(vectors.Dimension);
            Parallel.For(0, vectors.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, slot =>
            {
                var vector = vectors[(slot & 1) != 0 ? 1 : slot].ToArray();
                if ((slot & 1) != 0)
                {
                    var random = new Random(slot);
                    for (var i = 0; i < vector.Length; i++)
                    {
                        // Uniform of deviation noise / √dimension: the vector moves by noise.
                        vector[i] += noise * MathF.Sqrt(12f / vector.Length) * (random.NextSingle() - 0.5f);
                    }
                }

                index.Insert(slot, vector);
            });
            VectorSet.Print($$"""{"bench":"index-copies","count":{{vectors.Count}},"copies":{{vectors.Count / 2}},"noise":{{noise}},"ef":{{parameters.Ef}},"recallAt10":{{queries.Recall(index, parameters):F4}}}""");
        }

        return 0;
    }
}
