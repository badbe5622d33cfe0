using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Filters;

/// <summary>
/// Reads filters from JSON: <c>{"field":"lang","eq":"en"}</c> with one of <c>eq ne in nin gt gte lt lte exists contains</c>, combined by
/// <c>{"and":[…]}</c>, <c>{"or":[…]}</c>, <c>{"not":…}</c>; and the short form <c>{"lang":"en","year":{"gte":2020}}</c>, in which every
/// member must hold. In the short form a field that is called like a keyword must be written in the long one.
/// </summary>
/// <param name="limits">The limits on filters.</param>
public sealed class FilterParser(LimitOptions limits)
{
    private static readonly HashSet<string> Operators = ["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists", "contains"];

    /// <summary>Reads a filter.</summary>
    /// <param name="json">The filter.</param>
    /// <param name="field">The filter's path in the request.</param>
    /// <exception cref="InvalidRequestException">It is not a filter, or exceeds a limit.</exception>
    public Filter Parse(JsonElement json, string field = "filter")
    {
        ArgumentNullException.ThrowIfNull(field);
        return Parse(json, field, 1, new Counts());
    }

    private Filter Parse(JsonElement json, string field, int depth, Counts counts)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(field, "is not an object; a filter is one, for example {\"field\":\"lang\",\"eq\":\"en\"}");
        }

        if (depth > limits.FilterDepth)
        {
            throw new InvalidRequestException(ErrorCodes.TooLong, field, $"{field} is nested deeper than {limits.FilterDepth} levels (Limits:FilterDepth).");
        }

        if (json.TryGetProperty("field", out var name) && HasOperator(json))
        {
            return ParseLong(json, name, field, counts);
        }

        var parts = new List<Filter>();
        foreach (var member in json.EnumerateObject())
        {
            var path = $"{field}.{member.Name}";
            switch (member.Name)
            {
                case "and" when member.Value.ValueKind == JsonValueKind.Array:
                    parts.Add(new AndFilter(ParseList(member.Value, path, depth, counts)));
                    break;
                case "or" when member.Value.ValueKind == JsonValueKind.Array:
                    parts.Add(new OrFilter(ParseList(member.Value, path, depth, counts)));
                    break;
                case "not" when member.Value.ValueKind == JsonValueKind.Object:
                    parts.Add(new NotFilter(Parse(member.Value, path, depth + 1, counts)));
                    break;
                default:
                    ParseShort(member, path, parts, counts);
                    break;
            }
        }

        return parts.Count switch
        {
            0 => throw Invalid(field, "has no condition"),
            1 => parts[0],
            _ => new AndFilter(parts),
        };
    }

    private static bool HasOperator(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (Operators.Contains(member.Name))
            {
                return true;
            }
        }

        return false;
    }

    private List<Filter> ParseList(JsonElement array, string field, int depth, Counts counts)
    {
        var filters = new List<Filter>();
        foreach (var item in array.EnumerateArray())
        {
            filters.Add(Parse(item, $"{field}[{filters.Count}]", depth + 1, counts));
        }

        return filters.Count > 0 ? filters : throw Invalid(field, "is empty; at least one condition is needed");
    }

    private Filter ParseLong(JsonElement json, JsonElement name, string field, Counts counts)
    {
        if (name.ValueKind != JsonValueKind.String)
        {
            throw Invalid($"{field}.field", "is not a string");
        }

        var path = ParsePath(name.GetString()!, $"{field}.field");
        var parts = new List<Filter>();
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name != "field")
            {
                parts.Add(ParseOperator(path, member, $"{field}.{member.Name}", counts));
            }
        }

        return parts.Count == 1 ? parts[0] : new AndFilter(parts);
    }

    private void ParseShort(JsonProperty member, string field, List<Filter> parts, Counts counts)
    {
        var path = ParsePath(member.Name, field);
        if (member.Value.ValueKind != JsonValueKind.Object)
        {
            Count(field, counts);
            parts.Add(new EqualFilter(path, [ParseValue(member.Value, field)]));
            return;
        }

        var before = parts.Count;
        foreach (var condition in member.Value.EnumerateObject())
        {
            parts.Add(ParseOperator(path, condition, $"{field}.{condition.Name}", counts));
        }

        if (parts.Count == before)
        {
            throw Invalid(field, "has no operator");
        }
    }

    private Filter ParseOperator(FieldPath path, JsonProperty member, string field, Counts counts)
    {
        Count(field, counts);
        return member.Name switch
        {
            "eq" => new EqualFilter(path, [ParseValue(member.Value, field)]),
            "ne" => new NotFilter(new EqualFilter(path, [ParseValue(member.Value, field)])),
            "in" => new EqualFilter(path, ParseValues(member.Value, field, counts)),
            "nin" => new NotFilter(new EqualFilter(path, ParseValues(member.Value, field, counts))),
            "gt" => new CompareFilter(path, Comparison.Greater, ParseOrdered(member.Value, field)),
            "gte" => new CompareFilter(path, Comparison.GreaterOrEqual, ParseOrdered(member.Value, field)),
            "lt" => new CompareFilter(path, Comparison.Less, ParseOrdered(member.Value, field)),
            "lte" => new CompareFilter(path, Comparison.LessOrEqual, ParseOrdered(member.Value, field)),
            "exists" when member.Value.ValueKind == JsonValueKind.True => new ExistsFilter(path),
            "exists" when member.Value.ValueKind == JsonValueKind.False => new NotFilter(new ExistsFilter(path)),
            "exists" => throw Invalid(field, "is neither true nor false"),
            "contains" => new ContainsFilter(path, ParseValue(member.Value, field)),
            _ => throw new InvalidRequestException(
                ErrorCodes.UnknownProperty, field, $"{field} is no operator; there are eq, ne, in, nin, gt, gte, lt, lte, exists and contains, and for a nested field a path with dots."),
        };
    }

    private void Count(string field, Counts counts)
    {
        if (++counts.Conditions > limits.FilterConditions)
        {
            throw new InvalidRequestException(ErrorCodes.TooMany, field, $"The filter has more than {limits.FilterConditions} conditions (Limits:FilterConditions).");
        }
    }

    private List<FilterValue> ParseValues(JsonElement json, string field, Counts counts)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() == 0)
        {
            throw Invalid(field, "is not an array with at least one value");
        }

        counts.Values += json.GetArrayLength();
        if (counts.Values > limits.FilterValues)
        {
            throw new InvalidRequestException(ErrorCodes.TooMany, field, $"The lists of the filter have {counts.Values} values up to {field}; at most {limits.FilterValues} are allowed (Limits:FilterValues).");
        }

        var values = new List<FilterValue>();
        foreach (var value in json.EnumerateArray())
        {
            values.Add(ParseValue(value, $"{field}[{values.Count}]"));
        }

        return values;
    }

    private static FilterValue ParseOrdered(JsonElement json, string field) => ParseValue(json, field) is { Kind: FilterValueKind.Number or FilterValueKind.Text } value
        ? value
        : throw Invalid(field, "is neither a number nor a string; only those have an order");

    private static FilterValue ParseValue(JsonElement json, string field)
    {
        try
        {
            var value = FilterValue.TryFrom(json) ?? throw Invalid(field, "is an array or an object; a string, number, boolean or null is expected");
            return value.Kind != FilterValueKind.Number || double.IsFinite(value.AsDouble()) ? value : throw Invalid(field, "is a number beyond the range of doubles");
        }
        catch (InvalidOperationException)
        {
            throw Invalid(field, "has a lone surrogate: it is not valid Unicode");
        }
    }

    private static FieldPath ParsePath(string text, string field) =>
        FieldPath.TryParse(text) ?? throw Invalid(field, "is no field: names are separated by dots and not empty, and a dot in a name is written \\\\.");

    private static InvalidRequestException Invalid(string field, string what) => new(ErrorCodes.InvalidValue, field, $"{field} {what}.");

    private sealed class Counts
    {
        public int Conditions { get; set; }

        public int Values { get; set; }
    }
}
