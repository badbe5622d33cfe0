namespace AlbertSearch.Embeddings.Pooling;

/// <summary>Makes one row of the rows of a sequence's tokens. The order of additions is fixed, so results are too.</summary>
internal static class TokenPooling
{
    // Columns summed together: their sums fit in a corner of the stack.
    private const int ColumnBlock = 64;

    /// <summary>A sequence's vector, not normalized.</summary>
    /// <param name="mode">Which pooling.</param>
    /// <param name="states">Last hidden states, tokens × <paramref name="destination"/>'s length; not read for <see cref="PoolingMode.Pooler"/>.</param>
    /// <param name="pooled">The pooler's output; read for <see cref="PoolingMode.Pooler"/> alone.</param>
    /// <param name="destination">Receives HiddenSize floats.</param>
    public static void Pool(PoolingMode mode, ReadOnlySpan<float> states, ReadOnlySpan<float> pooled, Span<float> destination)
    {
        switch (mode)
        {
            case PoolingMode.Pooler:
                pooled.CopyTo(destination);
                break;
            case PoolingMode.Cls:
                states[..destination.Length].CopyTo(destination);
                break;
            case PoolingMode.Mean:
                Mean(states, destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(mode), mode, "This pooling is not known.");
        }
    }

    /// <summary>The mean of all rows, in double precision.</summary>
    private static void Mean(ReadOnlySpan<float> states, Span<float> destination)
    {
        int width = destination.Length;
        int tokens = states.Length / width;
        Span<double> sums = stackalloc double[ColumnBlock];
        for (int column = 0; column < width; column += ColumnBlock)
        {
            Span<double> block = sums[..Math.Min(ColumnBlock, width - column)];
            block.Clear();
            for (int token = 0; token < tokens; token++)
            {
                ReadOnlySpan<float> row = states.Slice((token * width) + column, block.Length);
                for (int i = 0; i < row.Length; i++)
                {
                    block[i] += row[i];
                }
            }

            for (int i = 0; i < block.Length; i++)
            {
                destination[column + i] = (float)(block[i] / tokens);
            }
        }
    }
}
