using System.Globalization;

namespace AlbertSearch.Benchmarks;

/// <summary>Options of a command line: <c>--name value</c> pairs.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the pairs that follow a benchmark's name.</summary>
    /// <exception cref="ArgumentException">A name without dashes or without a value.</exception>
    public Arguments(ReadOnlySpan<string> args)
    {
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
            {
                throw new ArgumentException($"'{args[i]}' is not an option with a value.", nameof(args));
            }

            _values[args[i][2..]] = args[i + 1];
        }
    }

    /// <summary>An option that must be there.</summary>
    public string Required(string name) => _values.TryGetValue(name, out var value) ? value : throw new ArgumentException($"--{name} is missing.", nameof(name));

    /// <summary>An option as text.</summary>
    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    /// <summary>An option as a whole number.</summary>
    public int Int(string name, int otherwise) => _values.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
