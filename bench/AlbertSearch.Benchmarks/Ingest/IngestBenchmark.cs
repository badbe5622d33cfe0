using System.Diagnostics;
using System.Text.Json;
using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Ingestion;
using AlbertSearch.Models;
using AlbertSearch.Storage;
using AlbertSearch.Testing;

namespace AlbertSearch.Benchmarks.Ingest;

/// <summary>
/// <c>ingest --file F.ndjson [--model DIR] [--threads N] [--index flat|hnsw]</c>: how much of the encoder's throughput reaches the index. The encoder
/// alone computes the file's chunks before and after the real engine, with the same model, threads and batches, of which the better counts; the engine's time is
/// from the first line that is read to the operation's end, when all is searchable and durable.
/// </summary>
internal static class IngestBenchmark
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(50);

    public static int Run(BenchmarkArguments arguments)
    {
        var file = arguments.Required("file");
        using var folder = new TemporaryFolder();
        var options = new AlbertSearchOptions
        {
            Model = Path.GetFullPath(arguments.Text("model", RepositoryFiles.DefaultModel)),
            Threads = arguments.Number("threads", 0),
            IndexData = folder.File("index-data"),
        };
        options.Index.Kind = arguments.Text("index", options.Index.Kind);

        var before = EncodeAlone(file, options, out var tokens);
        var (seconds, documents, peak) = IngestAsync(file, options).GetAwaiter().GetResult();
        var after = EncodeAlone(file, options, out _);
        var encoder = tokens / Math.Min(before, after);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "ingest",
            documents,
            tokens,
            documentsPerSecond = Math.Round(documents / seconds, 1),
            tokensPerSecond = Math.Round(tokens / seconds),
            encoderTokensPerSecond = Math.Round(encoder),
            encoderSeconds = new[] { Math.Round(before, 2), Math.Round(after, 2) },
            shareOfEncoder = Math.Round(tokens / seconds / encoder, 3),
            peakResidentMb = Math.Round(peak / 1e6),
        }));
        return 0;
    }

    /// <returns>Seconds of encoding; tokenizing is not in them.</returns>
    private static double EncodeAlone(string file, AlbertSearchOptions options, out long tokens)
    {
        using var model = EmbeddingModel.Load(options.Model, new EmbeddingModelOptions { Threads = options.Threads, BatchTokens = options.Queue.BatchTokens });
        var embedder = new ModelEmbedder("bench", model);
        var chunking = ChunkingSettings.From(options.Chunking);
        var seconds = 0.0;
        var batch = new List<TextChunk>();
        var batchTokens = 0;
        tokens = 0;
        foreach (var document in Read(file))
        {
            foreach (var chunk in embedder.Cut(document.Text, chunking))
            {
                if (batch.Count > 0 && batchTokens + chunk.Tokens.Count > options.Queue.BatchTokens)
                {
                    seconds += Encode(model, batch);
                    (batch, batchTokens) = ([], 0);
                }

                batch.Add(chunk);
                batchTokens += chunk.Tokens.Count;
                tokens += chunk.Tokens.Count;
            }
        }

        return seconds + Encode(model, batch);
    }

    private static double Encode(EmbeddingModel model, List<TextChunk> batch)
    {
        var watch = Stopwatch.StartNew();
        model.Embed([.. batch.Select(chunk => chunk.Tokens)], BatchPriority.Bulk, CancellationToken.None);
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task<(double Seconds, long Documents, long PeakBytes)> IngestAsync(string file, AlbertSearchOptions options)
    {
        await using var engine = await AlbertSearchEngine.OpenAsync(options);
        using var stop = new CancellationTokenSource();
        var peak = WatchMemoryAsync(stop.Token);
        var watch = Stopwatch.StartNew();
        await using var load = await engine.BeginBulkLoadAsync();
        var line = 0;
        foreach (var document in Read(file))
        {
            await load.AddAsync(document, ++line);
        }

        var operation = await engine.WaitAsync((await load.CompleteAsync()).Id);
        var seconds = watch.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        return operation.FailedCount == 0
            ? (seconds, operation.Documents, await peak)
            : throw new ArgumentException($"{operation.FailedCount} documents of '{file}' did not go in: {operation.Failed[0].Message}");
    }

    private static async Task<long> WatchMemoryAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(SampleEvery);
        var peak = 0L;
        while (!stop.IsCancellationRequested)
        {
            peak = Math.Max(peak, Environment.WorkingSet);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return peak;
    }

    private static IEnumerable<DocumentInput> Read(string file)
    {
        foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            yield return new DocumentInput
            {
                Id = root.TryGetProperty("id", out var id) ? id.GetString() : null,
                Text = root.GetProperty("text").GetString()!,
                Metadata = root.TryGetProperty("metadata", out var metadata) ? metadata.Clone() : null,
            };
        }
    }
}
