using System.Text.Json;

namespace AlbertSearch.Filters;

/// <summary>A JSON value that a condition compares with: null, a boolean, a number or a string.</summary>
public readonly record struct FilterValue
{
    private readonly string? _text;
    private readonly double _number;
    private readonly long _integer;

    private FilterValue(FilterValueKind kind, string? text = null, double number = 0, long integer = 0, bool isInteger = false)
    {
        Kind = kind;
        _text = text;
        _number = number;
        _integer = integer;
        IsInteger = isInteger;
    }

    /// <summary>Its kind.</summary>
    public FilterValueKind Kind { get; }

    /// <summary>Whether a number is a 64-bit integer, and then compared as one.</summary>
    public bool IsInteger { get; }

    /// <summary>JSON null.</summary>
    public static FilterValue Null { get; } = new(FilterValueKind.Null);

    /// <summary>A boolean.</summary>
    public static FilterValue Of(bool value) => new(FilterValueKind.Boolean, integer: value ? 1 : 0);

    /// <summary>A number.</summary>
    public static FilterValue Of(double value) => new(FilterValueKind.Number, number: value);

    /// <summary>An integer.</summary>
    public static FilterValue Of(long value) => new(FilterValueKind.Number, number: value, integer: value, isInteger: true);

    /// <summary>A string.</summary>
    public static FilterValue Of(string value) => new(FilterValueKind.Text, text: value);

    /// <summary>The text of a string.</summary>
    public string AsString() => Kind == FilterValueKind.Text ? _text! : throw WrongKind(FilterValueKind.Text);

    /// <summary>A number as the closest double.</summary>
    public double AsDouble() => Kind == FilterValueKind.Number ? _number : throw WrongKind(FilterValueKind.Number);

    /// <summary>A number that is an integer.</summary>
    public long AsInteger() => IsInteger ? _integer : throw WrongKind(FilterValueKind.Number);

    /// <summary>A boolean.</summary>
    public bool AsBoolean() => Kind == FilterValueKind.Boolean ? _integer != 0 : throw WrongKind(FilterValueKind.Boolean);

    /// <summary>The value of a JSON scalar; null for an array or an object.</summary>
    public static FilterValue? TryFrom(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.String => Of(element.GetString()!),
        JsonValueKind.Number => element.TryGetInt64(out var integer) ? Of(integer) : Of(element.GetDouble()),
        _ => null,
    };

    /// <summary>Writes the value as JSON.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case FilterValueKind.Null:
                writer.WriteNullValue();
                break;
            case FilterValueKind.Boolean:
                writer.WriteBooleanValue(AsBoolean());
                break;
            case FilterValueKind.Text:
                writer.WriteStringValue(_text);
                break;
            default:
                if (IsInteger)
                {
                    writer.WriteNumberValue(_integer);
                }
                else
                {
                    writer.WriteNumberValue(_number);
                }

                break;
        }
    }

    private InvalidOperationException WrongKind(FilterValueKind wanted) => new($"The value is of kind {Kind}, not {wanted}.");
}
