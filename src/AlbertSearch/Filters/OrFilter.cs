namespace AlbertSearch.Filters;

/// <summary>At least one of some conditions.</summary>
/// <param name="Filters">At least one.</param>
public sealed record OrFilter(IReadOnlyList<Filter> Filters) : Filter;
