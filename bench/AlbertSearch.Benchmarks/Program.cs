using AlbertSearch.Benchmarks.Encoder;

if (args is not [var name, ..])
{
    Console.Error.WriteLine("usage: AlbertSearch.Benchmarks NAME [--option value ...]");
    return 2;
}

switch (name)
{
    case "encoder":
        EncoderBenchmark.Run(new BenchmarkArguments(args.AsSpan(1), "--model", "--ids", "--threads", "--precision", "--rounds", "--batch-tokens", "--outputs"));
        return 0;
    case "encoder-stages":
        EncoderStagesBenchmark.Run(new BenchmarkArguments(args.AsSpan(1), "--model", "--ids", "--precision", "--rounds"));
        return 0;
    case "encoder-quality":
        EncoderQualityBenchmark.Run(new BenchmarkArguments(args.AsSpan(1), "--model", "--ids"));
        return 0;
    case "sgemm":
        SgemmBenchmark.Run(new BenchmarkArguments(args.AsSpan(1), "--rounds"));
        return 0;
    default:
        Console.Error.WriteLine($"unknown benchmark '{name}'");
        return 2;
}
