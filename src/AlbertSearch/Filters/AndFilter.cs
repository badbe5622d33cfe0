namespace AlbertSearch.Filters;

/// <summary>All of some conditions.</summary>
/// <param name="Filters">At least one.</param>
public sealed record AndFilter(IReadOnlyList<Filter> Filters) : Filter;
