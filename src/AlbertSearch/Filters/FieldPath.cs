using System.Text;
using System.Text.Json;
using AlbertSearch.Documents;

namespace AlbertSearch.Filters;

/// <summary>The way to a field of metadata: names from the outside in. Written with dots, <c>author.name</c>; a dot or backslash that belongs to a name follows a backslash.</summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    private readonly string[] _names;

    private FieldPath(string[] names)
    {
        _names = names;
        JsonPath = "$" + string.Concat(names.Select(name => "." + JsonSerializer.Serialize(name, MetadataJson.Options)));
    }

    /// <summary>The names, the outermost first.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The path in SQLite's and PostgreSQL's JSON path syntax, every name quoted.</summary>
    public string JsonPath { get; }

    /// <summary>Reads a path.</summary>
    /// <returns>Null when a name is empty or a backslash stands before anything but a dot or a backslash.</returns>
    public static FieldPath? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var names = new List<string>();
        var name = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length && text[i + 1] is '.' or '\\':
                    name.Append(text[++i]);
                    break;
                case '\\':
                    return null;
                case '.':
                    names.Add(name.ToString());
                    name.Clear();
                    break;
                default:
                    name.Append(text[i]);
                    break;
            }
        }

        names.Add(name.ToString());
        return names.Contains(string.Empty) ? null : new FieldPath([.. names]);
    }

    /// <summary>The field in metadata, or null when it is not there.</summary>
    public JsonElement? Find(JsonElement metadata)
    {
        foreach (var name in _names)
        {
            if (metadata.ValueKind != JsonValueKind.Object || !metadata.TryGetProperty(name, out metadata))
            {
                return null;
            }
        }

        return metadata;
    }

    /// <inheritdoc />
    public bool Equals(FieldPath? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    /// <inheritdoc />
    public override int GetHashCode() => JsonPath.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() =>
        string.Join('.', _names.Select(name => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal)));
}
