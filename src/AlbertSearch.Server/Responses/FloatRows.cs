namespace AlbertSearch.Server.Responses;

/// <summary>Shows a row-major matrix as its rows, without copying.</summary>
internal static class FloatRows
{
    /// <summary>The rows of a matrix.</summary>
    /// <param name="matrix">Rows × <paramref name="columns"/> floats.</param>
    /// <param name="columns">Floats in a row.</param>
    public static IEnumerable<ReadOnlyMemory<float>> Of(float[] matrix, int columns)
    {
        for (var start = 0; start < matrix.Length; start += columns)
        {
            yield return matrix.AsMemory(start, columns);
        }
    }
}
