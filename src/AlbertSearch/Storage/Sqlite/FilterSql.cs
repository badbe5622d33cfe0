using System.Globalization;
using System.Text;
using AlbertSearch.Filters;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// A filter as an SQL expression over <c>documents.metadata</c>. All that comes from outside is a parameter; the text is made of constants.
/// Each condition is coalesced to 0 or 1, so that SQL's unknown never comes up.
/// </summary>
internal sealed class FilterSql
{
    private readonly StringBuilder _sql = new();
    private readonly List<object?> _values = [];
    private readonly int _firstParameter;

    private FilterSql(int firstParameter)
    {
        _firstParameter = firstParameter;
    }

    /// <summary>The expression.</summary>
    public string Sql => _sql.ToString();

    /// <summary>The values of its parameters, in order.</summary>
    public IReadOnlyList<object?> Values => _values;

    /// <summary>Compiles a filter.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="firstParameter">The number of its first parameter.</param>
    public static FilterSql Compile(Filter filter, int firstParameter)
    {
        var compiled = new FilterSql(firstParameter);
        compiled.Add(filter);
        return compiled;
    }

    private void Add(Filter filter)
    {
        switch (filter)
        {
            case AndFilter and:
                AddList(and.Filters, " AND ");
                break;
            case OrFilter or:
                AddList(or.Filters, " OR ");
                break;
            case NotFilter not:
                _sql.Append("(NOT ");
                Add(not.Inner);
                _sql.Append(')');
                break;
            case EqualFilter equal:
                var path = Parameter(equal.Field.JsonPath);
                AddEqual($"json_type(documents.metadata, {path})", $"json_extract(documents.metadata, {path})", equal.Values);
                break;
            case CompareFilter compare:
                AddCompare(compare);
                break;
            case ExistsFilter exists:
                _sql.Append("(json_type(documents.metadata, ").Append(Parameter(exists.Field.JsonPath)).Append(") IS NOT NULL)");
                break;
            case ContainsFilter contains:
                AddContains(contains);
                break;
            default:
                throw new NotSupportedException($"A filter of type {filter.GetType().Name} can't be compiled.");
        }
    }

    private void AddList(IReadOnlyList<Filter> filters, string separator)
    {
        _sql.Append('(');
        for (var i = 0; i < filters.Count; i++)
        {
            if (i > 0)
            {
                _sql.Append(separator);
            }

            Add(filters[i]);
        }

        _sql.Append(')');
    }

    // A list for each kind, because SQLite bounds the depth of expressions: an OR a value would exceed it.
    private void AddEqual(string type, string value, IReadOnlyList<FilterValue> wanted)
    {
        var parts = new List<string>();
        foreach (var group in wanted.GroupBy(one => one.Kind))
        {
            parts.Add(group.Key switch
            {
                FilterValueKind.Null => $"{type} = 'null'",
                FilterValueKind.Boolean => $"{type} IN ({string.Join(", ", group.Select(one => one.AsBoolean() ? "'true'" : "'false'").Distinct())})",
                FilterValueKind.Number => $"({type} IN ('integer', 'real') AND {value} IN ({string.Join(", ", group.Select(one => Parameter(NumberOf(one))))}))",
                _ => $"({type} = 'text' AND {value} IN ({string.Join(", ", group.Select(one => Parameter(one.AsString())))}))",
            });
        }

        _sql.Append("COALESCE(").AppendJoin(" OR ", parts).Append(", 0)");
    }

    private void AddCompare(CompareFilter compare)
    {
        var path = Parameter(compare.Field.JsonPath);
        var types = compare.Value.Kind == FilterValueKind.Number ? "'integer', 'real'" : "'text'";
        var sign = compare.Comparison switch
        {
            Comparison.Greater => ">",
            Comparison.GreaterOrEqual => ">=",
            Comparison.Less => "<",
            _ => "<=",
        };
        var value = Parameter(compare.Value.Kind == FilterValueKind.Number ? NumberOf(compare.Value) : compare.Value.AsString());
        _sql.Append(
            CultureInfo.InvariantCulture, $"COALESCE(json_type(documents.metadata, {path}) IN ({types}) AND json_extract(documents.metadata, {path}) {sign} {value}, 0)");
    }

    private void AddContains(ContainsFilter contains)
    {
        var path = Parameter(contains.Field.JsonPath);
        _sql.Append(CultureInfo.InvariantCulture, $"(COALESCE(json_type(documents.metadata, {path}) = 'array' AND EXISTS (SELECT 1 FROM json_each(documents.metadata, {path}) AS item WHERE ");
        AddEqual("item.type", "item.value", [contains.Value]);
        _sql.Append("), 0)");
        if (contains.Value.Kind == FilterValueKind.Text)
        {
            _sql.Append(
                CultureInfo.InvariantCulture,
                $" OR COALESCE(json_type(documents.metadata, {path}) = 'text' AND instr(json_extract(documents.metadata, {path}), {Parameter(contains.Value.AsString())}) > 0, 0)");
        }

        _sql.Append(')');
    }

    private static object NumberOf(FilterValue value) => value.IsInteger ? value.AsInteger() : value.AsDouble();

    private string Parameter(object value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${_firstParameter + _values.Count - 1}");
    }
}
