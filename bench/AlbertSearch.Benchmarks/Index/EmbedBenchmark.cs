using System.Diagnostics;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Turns the lines of a text file into search vectors in an <c>.fvecs</c> file: real vectors for the index's benchmarks.</summary>
internal static class EmbedBenchmark
{
    public static int Run(BenchmarkArguments arguments)
    {
        using var model = EmbeddingModel.Load(arguments.Required("model"), new EmbeddingModelOptions { Threads = arguments.Number("threads", 0) });
        var texts = File.ReadAllLines(arguments.Required("file"));
        var watch = Stopwatch.StartNew();
        VectorFiles.WriteFloats(arguments.Required("out"), texts.Select(text => model.Tokenizer.Encode(text, maxTokens: model.MaxTokens)).Chunk(256)
            .SelectMany(sequences => model.Embed(sequences, BatchPriority.Bulk)));
        VectorSet.Print($$"""{"bench":"embed","texts":{{texts.Length}},"seconds":{{watch.Elapsed.TotalSeconds:F3}}}""");
        return 0;
    }
}
