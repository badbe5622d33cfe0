using AlbertSearch.Benchmarks;

// A benchmark takes its own options and prints one line of JSON: to add one, add a line here.
Dictionary<string, Func<BenchmarkArguments, int>> benchmarks = new()
{
    ["tokenizer"] = TokenizerBenchmark.Run,
};

if (args is not [var name, ..] || !benchmarks.TryGetValue(name, out var benchmark))
{
    Console.Error.WriteLine($"usage: AlbertSearch.Benchmarks NAME [--option value ...], where NAME is one of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

return benchmark(new BenchmarkArguments(args.AsSpan(1)));
