using AlbertSearch.Benchmarks;
using AlbertSearch.Benchmarks.Index;

if (args is not [var name, ..])
{
    Console.Error.WriteLine("usage: AlbertSearch.Benchmarks NAME [--option value ...]");
    return 2;
}

var arguments = new Arguments(args.AsSpan(1));
switch (name)
{
    case "index":
        return IndexBenchmark.Run(arguments);
    default:
        Console.Error.WriteLine($"unknown benchmark '{name}'");
        return 2;
}
