namespace AlbertSearch.Filters;

/// <summary>The opposite of a condition.</summary>
/// <param name="Inner">The condition.</param>
public sealed record NotFilter(Filter Inner) : Filter;
