using System.Text.Json;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Benchmarks.Encoder;

/// <summary>
/// What <see cref="Precision.Int8"/> costs in quality: the cosine of each text's vector (pooler) to its <see cref="Precision.Fp32"/> vector, and
/// how many of a text's ten nearest other texts stay the same.
/// </summary>
internal static class EncoderQualityBenchmark
{
    private const int Nearest = 10;

    public static int Run(BenchmarkArguments arguments)
    {
        var texts = JsonSerializer.Deserialize<int[][]>(File.ReadAllBytes(arguments.Required("ids")))!;
        using var checkpoint = AlbertCheckpoint.Load(arguments.Required("model"));
        var floats = Vectors(checkpoint.Weights, Precision.Fp32, texts);
        var codes = Vectors(checkpoint.Weights, Precision.Int8, texts);
        var cosines = floats.Zip(codes, Dot).Order().ToArray();
        var overlap = Enumerable.Range(0, texts.Length).Average(i => Top(floats, i).Intersect(Top(codes, i)).Count() / (double)Nearest);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "encoder-quality",
            texts = texts.Length,
            meanCosine = Math.Round(cosines.Average(), 5),
            worstCosine = Math.Round(cosines[0], 5),
            top10Overlap = Math.Round(overlap, 4),
        }));
        return 0;
    }

    private static float[][] Vectors(AlbertWeights weights, Precision precision, int[][] texts)
    {
        using var engine = new AlbertEngine(weights, new AlbertEngineOptions { Precision = precision });
        var hidden = engine.Config.HiddenSize;
        var batch = new RaggedBatch();
        var vectors = new List<float[]>();
        foreach (var chunk in texts.Chunk(128))
        {
            batch.Clear();
            foreach (var ids in chunk)
            {
                batch.Add(ids, new int[ids.Length]);
            }

            var pooled = new float[batch.Count * hidden];
            engine.Encode(batch, new EncoderOutputs { PoolerOutput = pooled }, BatchPriority.Bulk);
            for (var i = 0; i < batch.Count; i++)
            {
                var vector = pooled.AsSpan(i * hidden, hidden).ToArray();
                var norm = MathF.Sqrt(Dot(vector, vector));
                vectors.Add([.. vector.Select(x => x / norm)]);
            }
        }

        return [.. vectors];
    }

    private static int[] Top(float[][] vectors, int query)
    {
        var scores = vectors.Select(vector => -Dot(vectors[query], vector)).ToArray();
        var slots = Enumerable.Range(0, vectors.Length).ToArray();
        Array.Sort(scores, slots);
        return [.. slots.Where(slot => slot != query).Take(Nearest)];
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
