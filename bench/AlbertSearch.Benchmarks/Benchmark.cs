namespace AlbertSearch.Benchmarks;

/// <summary>A benchmark: it prints lines of JSON and returns the exit code.</summary>
/// <param name="Run">Does the measuring.</param>
/// <param name="Options">The options that it knows, without their dashes.</param>
internal sealed record Benchmark(Func<BenchmarkArguments, int> Run, params IReadOnlyCollection<string> Options);
