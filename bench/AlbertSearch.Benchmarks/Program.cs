using AlbertSearch.Benchmarks;
using AlbertSearch.Benchmarks.Crash;
using AlbertSearch.Benchmarks.Encoder;
using AlbertSearch.Benchmarks.Index;
using AlbertSearch.Benchmarks.Ingest;
using AlbertSearch.Benchmarks.Load;

// To add a benchmark, add a line here.
Dictionary<string, Benchmark> benchmarks = new()
{
    ["crash"] = new(CrashBenchmark.Run, "kills", "seed", "data", "index", "queue"),
    ["embed"] = new(EmbedBenchmark.Run, "model", "file", "out", "threads"),
    ["encoder"] = new(EncoderBenchmark.Run, "model", "ids", "threads", "precision", "rounds", "batch-tokens", "outputs"),
    ["encoder-quality"] = new(EncoderQualityBenchmark.Run, "model", "file", "queries"),
    ["encoder-stages"] = new(EncoderStagesBenchmark.Run, "model", "ids", "precision", "rounds"),
    ["index"] = new(IndexBenchmark.Run, "base", "query", "truth", "threads", "search-threads", "runs", "ef", "m", "ef-construction", "save"),
    ["index-churn"] = new(IndexChurnBenchmark.Run, "base", "query", "threads", "ef"),
    ["index-copies"] = new(IndexCopiesBenchmark.Run, "base", "query", "threads", "ef"),
    ["index-filter"] = new(IndexFilterBenchmark.Run, "base", "query", "threads", "ef"),
    ["index-fuzz"] = new(IndexFuzzBenchmark.Run, "rounds", "seed"),
    ["index-load"] = new(IndexLoadBenchmark.Run, "index", "query", "ef"),
    ["ingest"] = new(IngestBenchmark.Run, "file", "model", "threads", "index"),
    ["load"] = new(LoadBenchmark.Run, "seconds", "clients", "seed"),
    ["search-latency"] = new(SearchLatencyBenchmark.Run, "seconds", "documents", "index", "threads"),
    ["sgemm"] = new(SgemmBenchmark.Run, "rounds"),
    ["tokenizer"] = new(TokenizerBenchmark.Run, "model", "file", "seconds"),
};

if (args is not [var name, ..] || !benchmarks.TryGetValue(name, out var benchmark))
{
    Console.Error.WriteLine($"usage: AlbertSearch.Benchmarks NAME [--option value ...], where NAME is one of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

try
{
    return benchmark.Run(new BenchmarkArguments(args.AsSpan(1), benchmark.Options));
}
catch (ArgumentException error)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
