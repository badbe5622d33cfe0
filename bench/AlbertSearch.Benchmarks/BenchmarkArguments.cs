namespace AlbertSearch.Benchmarks;

/// <summary>The options of a benchmark, as pairs of <c>--name value</c>.</summary>
internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> _values = [];

    public BenchmarkArguments(ReadOnlySpan<string> arguments)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Length)
            {
                throw new ArgumentException($"'{arguments[i]}': expected --name value");
            }

            _values[arguments[i][2..]] = arguments[i + 1];
        }
    }

    /// <summary>An option's value, or null.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>An option's value.</summary>
    public string Required(string name) => Find(name) ?? throw new ArgumentException($"--{name} is missing");

    /// <summary>An option's number, or <paramref name="otherwise"/>.</summary>
    public int Number(string name, int otherwise) => Find(name) is { } value ? int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : otherwise;
}
