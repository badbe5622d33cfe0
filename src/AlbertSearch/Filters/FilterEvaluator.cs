using System.Text;
using System.Text.Json;

namespace AlbertSearch.Filters;

/// <summary>Evaluates filters in memory: the definition of what they mean, and the oracle of what storages make of them.</summary>
public static class FilterEvaluator
{
    /// <summary>Whether metadata fulfil a filter.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="metadata">A JSON object; null for none.</param>
    public static bool Matches(Filter filter, JsonElement? metadata)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return filter switch
        {
            AndFilter and => and.Filters.All(part => Matches(part, metadata)),
            OrFilter or => or.Filters.Any(part => Matches(part, metadata)),
            NotFilter not => !Matches(not.Inner, metadata),
            EqualFilter equal => Find(equal.Field, metadata) is { } value && FilterValue.TryFrom(value) is { } scalar && equal.Values.Any(wanted => AreEqual(scalar, wanted)),
            CompareFilter compare => Find(compare.Field, metadata) is { } value && FilterValue.TryFrom(value) is { } scalar && IsInOrder(scalar, compare),
            ExistsFilter exists => Find(exists.Field, metadata) is not null,
            ContainsFilter contains => Find(contains.Field, metadata) is { } value && Contains(value, contains.Value),
            _ => throw new NotSupportedException($"A filter of type {filter.GetType().Name} can't be evaluated."),
        };
    }

    private static JsonElement? Find(FieldPath field, JsonElement? metadata) => metadata is { } present ? field.Find(present) : null;

    private static bool AreEqual(FilterValue left, FilterValue right) => left.Kind == right.Kind && Compare(left, right) == 0;

    private static bool IsInOrder(FilterValue value, CompareFilter compare)
    {
        if (value.Kind != compare.Value.Kind)
        {
            return false;
        }

        var order = Compare(value, compare.Value);
        return compare.Comparison switch
        {
            Comparison.Greater => order > 0,
            Comparison.GreaterOrEqual => order >= 0,
            Comparison.Less => order < 0,
            _ => order <= 0,
        };
    }

    private static int Compare(FilterValue left, FilterValue right) => left.Kind switch
    {
        FilterValueKind.Text => Encoding.UTF8.GetBytes(left.AsString()).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right.AsString())),
        FilterValueKind.Number when left.IsInteger && right.IsInteger => left.AsInteger().CompareTo(right.AsInteger()),
        FilterValueKind.Number => left.AsDouble().CompareTo(right.AsDouble()),
        FilterValueKind.Boolean => left.AsBoolean().CompareTo(right.AsBoolean()),
        _ => 0,
    };

    private static bool Contains(JsonElement value, FilterValue wanted) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(item => FilterValue.TryFrom(item) is { } scalar && AreEqual(scalar, wanted)),
        JsonValueKind.String => wanted.Kind == FilterValueKind.Text && value.GetString()!.Contains(wanted.AsString(), StringComparison.Ordinal),
        _ => false,
    };
}
