namespace AlbertSearch.Indexing.Memory;

/// <summary>Where the rows of a table lie, for kernels that visit many: chunks of 2^shift rows, a fixed number of bytes apart.</summary>
/// <param name="chunks">Address of each chunk.</param>
/// <param name="shift">Binary logarithm of the rows in a chunk.</param>
/// <param name="stride">Bytes from a row to the next; a multiple of 64.</param>
internal readonly struct RowAddresses(nint[] chunks, int shift, int stride)
{
    /// <summary>Bytes from a row to the next; a multiple of 64, zeros beyond the row's own.</summary>
    public int Stride => stride;

    /// <summary>Rows that there is memory for.</summary>
    public int Capacity => chunks.Length << shift;

    /// <summary>Address of a row.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no memory for the row.</exception>
    public nint this[int row] => chunks[row >> shift] + ((nint)(row & ((1 << shift) - 1)) * stride);
}
