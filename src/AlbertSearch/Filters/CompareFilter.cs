namespace AlbertSearch.Filters;

/// <summary>The field is before or after a value (<c>gt</c>, <c>gte</c>, <c>lt</c>, <c>lte</c>).</summary>
/// <param name="Field">The field.</param>
/// <param name="Comparison">How they must stand to each other.</param>
/// <param name="Value">A number or a string.</param>
public sealed record CompareFilter(FieldPath Field, Comparison Comparison, FilterValue Value) : Filter;
