using System.Text;
using System.Text.Json;

namespace AlbertSearch.Filters;

/// <summary>Writes filters as JSON in the long form, so that they can be stored and read again.</summary>
public static class FilterJson
{
    // What is stored was within the limits when it came in.
    private static readonly FilterParser Unlimited = new(new LimitOptions { FilterDepth = int.MaxValue, FilterConditions = int.MaxValue, FilterValues = int.MaxValue });

    /// <summary>The filter as JSON that <see cref="FilterParser"/> reads to the same filter.</summary>
    public static string Write(Filter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, filter);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write(Filter)"/> wrote.</summary>
    public static Filter Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Unlimited.Parse(document.RootElement);
    }

    private static void Write(Utf8JsonWriter writer, Filter filter)
    {
        writer.WriteStartObject();
        switch (filter)
        {
            case AndFilter and:
                WriteList(writer, "and", and.Filters);
                break;
            case OrFilter or:
                WriteList(writer, "or", or.Filters);
                break;
            case NotFilter not:
                writer.WritePropertyName("not");
                Write(writer, not.Inner);
                break;
            case EqualFilter equal:
                writer.WriteString("field", equal.Field.ToString());
                writer.WriteStartArray("in");
                foreach (var value in equal.Values)
                {
                    value.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            case CompareFilter compare:
                writer.WriteString("field", compare.Field.ToString());
                writer.WritePropertyName(compare.Comparison switch
                {
                    Comparison.Greater => "gt",
                    Comparison.GreaterOrEqual => "gte",
                    Comparison.Less => "lt",
                    _ => "lte",
                });
                compare.Value.WriteTo(writer);
                break;
            case ExistsFilter exists:
                writer.WriteString("field", exists.Field.ToString());
                writer.WriteBoolean("exists", true);
                break;
            case ContainsFilter contains:
                writer.WriteString("field", contains.Field.ToString());
                writer.WritePropertyName("contains");
                contains.Value.WriteTo(writer);
                break;
            default:
                throw new NotSupportedException($"A filter of type {filter.GetType().Name} can't be written.");
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<Filter> filters)
    {
        writer.WriteStartArray(name);
        foreach (var filter in filters)
        {
            Write(writer, filter);
        }

        writer.WriteEndArray();
    }
}
