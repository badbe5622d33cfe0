using System.Globalization;

namespace AlbertSearch.Benchmarks;

/// <summary>The options of a benchmark, as pairs of <c>--name value</c>.</summary>
internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the pairs that follow a benchmark's name.</summary>
    /// <exception cref="ArgumentException">A name that the benchmark doesn't know, or one without a value.</exception>
    public BenchmarkArguments(ReadOnlySpan<string> arguments, IReadOnlyCollection<string> known)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var name = arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..] : null;
            if (name is null || !known.Contains(name) || i + 1 == arguments.Length)
            {
                throw new ArgumentException($"'{arguments[i]}' is not an option with a value; known are --{string.Join(", --", known)}.", nameof(arguments));
            }

            _values[name] = arguments[i + 1];
        }
    }

    /// <summary>An option's value, or null.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>An option's value, or <paramref name="otherwise"/>.</summary>
    public string Text(string name, string otherwise) => Find(name) ?? otherwise;

    /// <summary>The value of an option that must be there.</summary>
    public string Required(string name) => Find(name) ?? throw new ArgumentException($"--{name} is missing.", nameof(name));

    /// <summary>An option's whole number, or <paramref name="otherwise"/>.</summary>
    public int Number(string name, int otherwise) => Find(name) is { } value ? int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
}
