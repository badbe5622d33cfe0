namespace AlbertSearch.Filters;

/// <summary>The field is there, if only as null (<c>exists</c>).</summary>
/// <param name="Field">The field.</param>
public sealed record ExistsFilter(FieldPath Field) : Filter;
