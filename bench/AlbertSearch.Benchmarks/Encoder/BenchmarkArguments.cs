using System.Globalization;

namespace AlbertSearch.Benchmarks.Encoder;

/// <summary><c>--name value</c> pairs of a benchmark's command line.</summary>
internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public BenchmarkArguments(ReadOnlySpan<string> arguments, params ReadOnlySpan<string> known)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!known.Contains(arguments[i]) || i + 1 == arguments.Length)
            {
                throw new ArgumentException($"'{arguments[i]}' is not an option with a value; known are {string.Join(", ", known!)}.");
            }

            _values[arguments[i]] = arguments[i + 1];
        }
    }

    public string Text(string name) =>
        _values.TryGetValue(name, out var value) ? value : throw new ArgumentException($"{name} is needed.");

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var value) ? int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
}
