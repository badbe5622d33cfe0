namespace AlbertSearch.Filters;

/// <summary>How a field must stand to a value.</summary>
public enum Comparison
{
    /// <summary>Greater.</summary>
    Greater,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    LessOrEqual,
}
