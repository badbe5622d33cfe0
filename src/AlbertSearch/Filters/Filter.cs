namespace AlbertSearch.Filters;

/// <summary>A condition on a document's metadata, as a typed tree. Immutable. <see cref="FilterParser"/> reads it from JSON.</summary>
/// <remarks>
/// A condition is true or false, never unknown: one on an absent field is false (except <c>ne</c>, <c>nin</c> and <c>exists: false</c>,
/// which are true), and so is one that compares values of different kinds. Numbers are compared as numbers, strings by code points.
/// </remarks>
public abstract record Filter
{
    private protected Filter()
    {
    }
}
