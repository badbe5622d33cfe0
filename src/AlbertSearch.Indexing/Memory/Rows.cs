namespace AlbertSearch.Indexing.Memory;

/// <summary>Views of rows.</summary>
internal static unsafe class Rows
{
    /// <summary>The elements of a row that there is memory for.</summary>
    /// <param name="addresses">Where rows lie.</param>
    /// <param name="row">The row.</param>
    /// <param name="length">Its elements; they fit in the stride.</param>
    public static Span<T> At<T>(scoped in RowAddresses addresses, int row, int length)
        where T : unmanaged
        => new((T*)addresses[row], length);
}
