using System.Globalization;
using System.Text.Json;

namespace AlbertSearch.Embeddings;

/// <summary>A JSON object whose fields are read with their type and range checked; messages name field, value and what is allowed.</summary>
internal readonly struct ModelJsonObject
{
    private const int MaxShownCharacters = 60;

    private readonly string _path;
    private readonly JsonElement _element;

    /// <summary>Wraps an element.</summary>
    /// <exception cref="ModelFormatException">It is not an object.</exception>
    public ModelJsonObject(string path, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(path, $"must hold a JSON object, not {Show(element)}.");
        }

        _path = path;
        _element = element;
    }

    /// <summary>A field; false when it is absent or null.</summary>
    public bool TryGet(string name, out JsonElement value) =>
        _element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>An integer in a range.</summary>
    public int Int32(string name, int absent, int min, int max) => OptionalInt32(name, min, max) ?? absent;

    /// <summary>An integer in a range, or null when the field is absent.</summary>
    public int? OptionalInt32(string name, int min, int max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max)
        {
            return number;
        }

        throw Refuse(name, value, $"an integer from {min} to {max}");
    }

    /// <summary>A float above zero and at most <paramref name="max"/>, also after rounding to 32 bits.</summary>
    public float PositiveSingle(string name, float absent, float max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return absent;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && (float)number > 0 && (float)number <= max)
        {
            return (float)number;
        }

        throw Refuse(name, value, string.Create(CultureInfo.InvariantCulture, $"a number above 0 and at most {max}"));
    }

    /// <summary>True or false.</summary>
    public bool Boolean(string name, bool absent)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return absent;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Refuse(name, value, "true or false");
    }

    /// <summary>A string, or null when the field is absent.</summary>
    public string? String(string name) => TryGet(name, out JsonElement value) ? StringOf(name, value) : null;

    /// <summary>The elements of a list; empty when the field is absent.</summary>
    public IReadOnlyList<JsonElement> List(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Refuse(name, value, "a list");
    }

    /// <summary>The string in an element of this file.</summary>
    public string StringOf(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            try
            {
                return value.GetString()!;
            }
            catch (InvalidOperationException e)
            {
                throw new ModelFormatException(_path, $"{name} holds a string that is not valid Unicode.", e);
            }
        }

        throw Refuse(name, value, "a string");
    }

    /// <summary>The error for a field with a value that is not allowed.</summary>
    public ModelFormatException Refuse(string name, JsonElement value, string allowed) =>
        new(_path, $"{name} is {Show(value)}; it must be {allowed}.");

    /// <summary>An element's JSON, cut for a message.</summary>
    public static string Show(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= MaxShownCharacters ? text : string.Concat(text.AsSpan(0, MaxShownCharacters), "…");
    }
}
