namespace AlbertSearch.Filters;

/// <summary>The field is one of some values (<c>eq</c>, <c>in</c>).</summary>
/// <param name="Field">The field.</param>
/// <param name="Values">At least one.</param>
public sealed record EqualFilter(FieldPath Field, IReadOnlyList<FilterValue> Values) : Filter;
