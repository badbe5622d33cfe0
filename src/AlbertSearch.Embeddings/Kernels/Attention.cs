using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// One head's attention over one sequence, on the ragged rows where they lie: softmax(Q · Kᵀ / √width) · V, written over Q.
/// The head's keys and values are laid out as panels for the micro-kernel of the matrix product (they are read once a tile of twelve
/// queries), everything else streams: 4 · length² · width operations. A NaN or infinity in a row of Q makes that row NaN; one in K or V makes all rows NaN.
/// </summary>
internal static unsafe class Attention
{
    private const int Tile = 12;

    /// <summary>Floats of scratch for sequences up to a length.</summary>
    public static int ScratchLength(int length, int headWidth)
    {
        var keys = PackedMatrix.RoundUp(length);
        var width = PackedMatrix.RoundUp(headWidth);
        return checked((keys * headWidth) + (length * width) + (Tile * keys) + (Tile * width));
    }

    /// <summary>Computes a head.</summary>
    /// <param name="states">Rows of queries, keys and values; room for <see cref="MatrixProduct.PadRows"/>(length) rows.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="query">Column of the head's queries; receives the context.</param>
    /// <param name="key">Column of its keys.</param>
    /// <param name="value">Column of its values.</param>
    /// <param name="headWidth">Its columns.</param>
    /// <param name="queries">How many of the first tokens attend: all, or 1 when only the first token's state is wanted.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> floats.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Head(Span<float> states, int stride, int length, int query, int key, int value, int headWidth, int queries, Span<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queries, length);
        Check(states, stride, length, query, key, value, headWidth, scratch.Length >= ScratchLength(length, headWidth));
        var columns = PackedMatrix.PanelColumns;
        var keyRoom = PackedMatrix.RoundUp(length);
        var valueRoom = PackedMatrix.RoundUp(headWidth);
        var scoreRoom = (length + Softmax.RoomMultiple - 1) / Softmax.RoomMultiple * Softmax.RoomMultiple;
        fixed (float* rows = states, keyPanels = scratch)
        {
            var valuePanels = keyPanels + ((nint)keyRoom * headWidth);
            var scores = valuePanels + ((nint)length * valueRoom);
            var context = scores + ((nint)Tile * keyRoom);
            PackKeys(rows + key, stride, length, headWidth, keyPanels);
            PackValues(rows + value, stride, length, headWidth, valuePanels);
            for (var first = 0; first < queries; first += Tile)
            {
                var count = Math.Min(Tile, queries - first);
                var tile = rows + ((nint)first * stride) + query;
                new Span<float>(scores, Tile * keyRoom).Clear();
                for (var column = 0; column < keyRoom; column += columns)
                {
                    MatrixProduct.Panel(tile, stride, count, keyPanels + ((nint)column * headWidth), headWidth, scores + column, keyRoom, TileActivation.None);
                }

                for (var r = 0; r < count; r++)
                {
                    Softmax.Apply(new Span<float>(scores + ((nint)r * keyRoom), scoreRoom), length);
                }

                new Span<float>(context, Tile * valueRoom).Clear();
                for (var column = 0; column < valueRoom; column += columns)
                {
                    MatrixProduct.Panel(scores, keyRoom, count, valuePanels + ((nint)column * length), length, context + column, valueRoom, TileActivation.None);
                }

                for (var r = 0; r < count; r++)
                {
                    new ReadOnlySpan<float>(context + ((nint)r * valueRoom), headWidth).CopyTo(new Span<float>(tile + ((nint)r * stride), headWidth));
                }
            }
        }
    }

    /// <summary>The scalar twin: the definition.</summary>
    public static void HeadScalar(Span<float> states, int stride, int length, int query, int key, int value, int headWidth)
    {
        Check(states, stride, length, query, key, value, headWidth, scratchSuffices: true);
        var scale = 1f / MathF.Sqrt(headWidth);
        var scores = new float[(length + Softmax.RoomMultiple - 1) / Softmax.RoomMultiple * Softmax.RoomMultiple];
        for (var i = 0; i < length; i++)
        {
            var q = states.Slice((i * stride) + query, headWidth);
            for (var j = 0; j < length; j++)
            {
                var k = states.Slice((j * stride) + key, headWidth);
                var sum = 0f;
                for (var d = 0; d < headWidth; d++)
                {
                    sum += q[d] * (k[d] * scale);
                }

                scores[j] = sum;
            }

            Softmax.ApplyScalar(scores, length);
            for (var d = 0; d < headWidth; d++)
            {
                var sum = 0f;
                for (var j = 0; j < length; j++)
                {
                    sum += scores[j] * states[(j * stride) + value + d];
                }

                q[d] = sum;
            }
        }
    }

    private static void PackKeys(float* keys, nint stride, int length, int headWidth, float* panels)
    {
        // 1/√width goes into the keys: width · length multiplications instead of length².
        var scale = 1f / MathF.Sqrt(headWidth);
        var columns = PackedMatrix.PanelColumns;
        for (var first = 0; first < length; first += columns)
        {
            var panel = panels + ((nint)first * headWidth);
            var used = Math.Min(columns, length - first);
            if (used < columns)
            {
                new Span<float>(panel, columns * headWidth).Clear();
            }

            // Four keys at a time, so that each line of the panel is written in pieces of 16 bytes and not of 4.
            var j = 0;
            for (; j <= used - 4; j += 4)
            {
                var key = keys + ((first + j) * stride);
                for (var d = 0; d < headWidth; d++)
                {
                    var four = Vector128.Create(key[d], key[stride + d], key[(2 * stride) + d], key[(3 * stride) + d]) * scale;
                    four.Store(panel + ((nint)d * columns) + j);
                }
            }

            for (; j < used; j++)
            {
                for (var d = 0; d < headWidth; d++)
                {
                    panel[((nint)d * columns) + j] = keys[((first + j) * stride) + d] * scale;
                }
            }
        }
    }

    private static void PackValues(float* values, nint stride, int length, int headWidth, float* panels)
    {
        var columns = PackedMatrix.PanelColumns;
        for (var column = 0; column < headWidth; column += columns)
        {
            var used = Math.Min(columns, headWidth - column);
            for (var j = 0; j < length; j++)
            {
                var target = new Span<float>(panels + ((((nint)column * length) + ((nint)j * columns))), columns);
                new ReadOnlySpan<float>(values + (j * stride) + column, used).CopyTo(target);
                target[used..].Clear();
            }
        }
    }

    private static void Check(Span<float> states, int stride, int length, int query, int key, int value, int headWidth, bool scratchSuffices)
    {
        if (length < 1 || headWidth < 1 || Math.Min(query, Math.Min(key, value)) < 0 || Math.Max(query, Math.Max(key, value)) + headWidth > stride
            || (long)MatrixProduct.PadRows(length) * stride > states.Length || !scratchSuffices)
        {
            throw new ArgumentException($"States of {states.Length} floats, or the scratch, are too short for {length} tokens, {stride} apart, with heads of {headWidth}.", nameof(states));
        }
    }
}
