if (args is not [var name, ..])
{
    Console.Error.WriteLine("usage: AlbertSearch.Benchmarks NAME [--option value ...]");
    return 2;
}

Console.Error.WriteLine($"unknown benchmark '{name}'");
return 2;
