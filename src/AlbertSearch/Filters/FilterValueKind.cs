namespace AlbertSearch.Filters;

/// <summary>The kinds of JSON values that conditions compare with.</summary>
public enum FilterValueKind
{
    /// <summary>JSON null.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,
}
