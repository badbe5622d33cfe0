using System.Text.Json;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Benchmarks.Encoder;

/// <summary>
/// What <see cref="Precision.Int8"/> costs in quality, on files of a text a line: the cosine of each text's search vector to its
/// <see cref="Precision.Fp32"/> vector, and how many of a query's ten nearest texts stay the same.
/// </summary>
internal static class EncoderQualityBenchmark
{
    private const int Nearest = 10;

    public static int Run(BenchmarkArguments arguments)
    {
        var texts = File.ReadAllLines(arguments.Required("file")).Where(line => line.Length > 0).ToArray();
        var queries = arguments.Find("queries") is { } file ? File.ReadAllLines(file) : [];
        var floats = Vectors(arguments.Required("model"), Precision.Fp32, [.. texts, .. queries]);
        var codes = Vectors(arguments.Required("model"), Precision.Int8, [.. texts, .. queries]);
        var cosines = floats.Zip(codes, Dot).Order().ToArray();
        double? overlap = queries.Length == 0 ? null : Enumerable.Range(texts.Length, queries.Length)
            .Average(query => Top(floats, query, texts.Length).Intersect(Top(codes, query, texts.Length)).Count() / (double)Nearest);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "encoder-quality",
            texts = texts.Length,
            queries = queries.Length,
            meanCosine = Math.Round(cosines.Average(), 5),
            worstCosine = Math.Round(cosines[0], 5),
            top10Overlap = overlap is { } share ? Math.Round(share, 4) : (double?)null,
        }));
        return 0;
    }

    private static IReadOnlyList<float[]> Vectors(string folder, Precision precision, string[] texts)
    {
        using var model = EmbeddingModel.Load(folder, new EmbeddingModelOptions { Precision = precision });
        return model.Embed([.. texts.Select(text => model.Tokenizer.Encode(text, maxTokens: model.MaxTokens))], BatchPriority.Bulk);
    }

    private static int[] Top(IReadOnlyList<float[]> vectors, int query, int texts)
    {
        var slots = Enumerable.Range(0, texts).ToArray();
        var scores = slots.Select(slot => -Dot(vectors[query], vectors[slot])).ToArray();
        Array.Sort(scores, slots);
        return slots[..Math.Min(Nearest, texts)];
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
