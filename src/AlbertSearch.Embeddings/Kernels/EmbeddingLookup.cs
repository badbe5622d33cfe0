using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>Rows of an embedding table in the checkpoint's own precision, widened without loss when they are looked up.</summary>
internal static class EmbeddingLookup
{
    /// <summary>row ← table[index], or row ← row + table[index].</summary>
    /// <param name="table">[rows, row.Length] elements of <paramref name="type"/>, little-endian.</param>
    /// <param name="type">The element type.</param>
    /// <param name="index">Row to read.</param>
    /// <param name="row">The result.</param>
    /// <param name="add">Whether to add.</param>
    /// <param name="scratch">As long as the row; used when adding.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public static void Row(ReadOnlySpan<byte> table, WeightDataType type, int index, Span<float> row, bool add, Span<float> scratch)
    {
        var bytes = row.Length * (type == WeightDataType.F32 ? sizeof(float) : sizeof(ushort));
        var source = table.Slice(checked(index * bytes), bytes);
        var target = add ? scratch[..row.Length] : row;
        switch (type)
        {
            case WeightDataType.F32:
                Widen.FromSingle(source, target);
                break;
            case WeightDataType.F16:
                Widen.FromHalf(source, target);
                break;
            default:
                Widen.FromBrain(source, target);
                break;
        }

        for (var i = 0; add && i < row.Length; i++)
        {
            row[i] += target[i];
        }
    }
}
