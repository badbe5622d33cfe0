namespace AlbertSearch.Filters;

/// <summary>The field is an array that has the value, or a string with the value as a part (<c>contains</c>).</summary>
/// <param name="Field">The field.</param>
/// <param name="Value">The value.</param>
public sealed record ContainsFilter(FieldPath Field, FilterValue Value) : Filter;
