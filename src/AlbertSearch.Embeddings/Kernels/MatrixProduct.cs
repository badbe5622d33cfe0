using System.Runtime.CompilerServices;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// C = A · Wᵀ + bias, or C += A · Wᵀ + bias, with A [rows, inputs] and C [rows, outputs] row-major and W packed
/// (<see cref="PackedMatrix"/>), then an activation while the tile is still in the first-level cache. 2 · rows · inputs · outputs operations.
/// <para>
/// Loops from the outside in: blocks of rows that fit the second-level cache with their share of the depth; depth in blocks; panels
/// of columns, so that a panel is read from afar once a block; tiles of rows in registers. Each element is one chain of
/// multiply-adds in the order of the depth, whatever the blocks, tiles and threads: results are bit-identical for any split of the work.
/// </para>
/// <para>
/// Rows are computed in whole tiles: A and C must have room for <see cref="PadRows"/>(rows) rows, and C for whole panels
/// (<see cref="PackedMatrix.RoundUp"/>); what lies there is overwritten in C and never reaches another row. NaN and infinities spread along their row.
/// </para>
/// </summary>
internal static unsafe class MatrixProduct
{
    private const int RowMultiple = 12;
    private const int CacheLine = 64;
    private const int FloatsInCacheLine = CacheLine / sizeof(float);

    // A block of A is RowBlock × DepthBlock floats = 288 KB, a panel of W DepthBlock × 32 = 96 KB: both stay in 1 MB of second-level cache.
    private const int RowBlock = 96;
    private const int DepthBlock = 768;

    // More rows for a widened panel, so that widening it is a hundredth of the work.
    private const int HalfRowBlock = 192;

    /// <summary>The rows that a product of so many rows touches.</summary>
    public static int PadRows(int rows) => (rows + RowMultiple - 1) / RowMultiple * RowMultiple;

    /// <summary>
    /// A good distance between rows of so many columns: whole panels, and an odd number of cache lines, so that the rows of a tile do not
    /// fall into the same few sets of the first-level cache (3,072 floats apart they would all fall into one).
    /// </summary>
    public static int RowStride(int columns)
    {
        var stride = PackedMatrix.RoundUp(columns);
        return stride / FloatsInCacheLine % 2 == 0 ? stride + FloatsInCacheLine : stride;
    }

    /// <summary>Computes the columns of some panels.</summary>
    /// <param name="a">A, from its first row.</param>
    /// <param name="aStride">Floats from row to row, at least the inputs.</param>
    /// <param name="rows">Rows that matter.</param>
    /// <param name="weights">W and the biases.</param>
    /// <param name="firstPanel">First panel to compute.</param>
    /// <param name="endPanel">One past the last panel to compute.</param>
    /// <param name="c">C, from its first row and first column.</param>
    /// <param name="cStride">Floats from row to row, at least the outputs in whole panels.</param>
    /// <param name="accumulate">Whether to add to what C holds (the residual).</param>
    /// <param name="activation">Applied last.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Multiply(
        ReadOnlySpan<float> a, int aStride, int rows, PackedMatrix weights, int firstPanel, int endPanel, Span<float> c, int cStride, bool accumulate, TileActivation activation)
    {
        Check(a, aStride, rows, weights, firstPanel, endPanel, c, cStride);
        fixed (float* aStart = a, cStart = c)
        {
            if (!weights.IsHalf)
            {
                MultiplySingle(aStart, aStride, rows, weights, firstPanel, endPanel, cStart, cStride, accumulate, activation);
            }
            else if (HalfTile512.IsSupported && rows <= RowMultiple)
            {
                MultiplyHalfFewRows(aStart, aStride, rows, weights, firstPanel, endPanel, cStart, cStride, accumulate, activation);
            }
            else
            {
                MultiplyHalf(aStart, aStride, rows, weights, firstPanel, endPanel, cStart, cStride, accumulate, activation);
            }
        }
    }

    /// <summary>The scalar twin: the definition.</summary>
    public static void MultiplyScalar(
        ReadOnlySpan<float> a, int aStride, int rows, PackedMatrix weights, int firstPanel, int endPanel, Span<float> c, int cStride, bool accumulate, TileActivation activation)
    {
        Check(a, aStride, rows, weights, firstPanel, endPanel, c, cStride);
        var width = PackedMatrix.PanelColumns;
        for (var row = 0; row < rows; row++)
        {
            for (var column = firstPanel * width; column < endPanel * width; column++)
            {
                ref var target = ref c[(row * cStride) + column];
                var sum = weights.Bias[column] + (accumulate ? target : 0f);
                for (var k = 0; k < weights.Inputs; k++)
                {
                    sum = MathF.FusedMultiplyAdd(a[(row * aStride) + k], weights.Weight(column, k), sum);
                }

                target = sum;
            }

            Activation.ApplyScalar(activation, c.Slice((row * cStride) + (firstPanel * width), (endPanel - firstPanel) * width));
        }
    }

    /// <summary>c += a · b for one panel of columns, without biases: for kernels that pack their own panels.</summary>
    /// <param name="a">Row-major, room for whole tiles of rows.</param>
    /// <param name="aStride">Floats from row to row.</param>
    /// <param name="rows">Rows that matter.</param>
    /// <param name="b">[depth][<see cref="PackedMatrix.PanelColumns"/>].</param>
    /// <param name="depth">Depth of the product.</param>
    /// <param name="c">Row-major, room for whole tiles of rows.</param>
    /// <param name="cStride">Floats from row to row.</param>
    /// <param name="activation">Applied last.</param>
    internal static void Panel(float* a, nint aStride, int rows, float* b, int depth, float* c, nint cStride, TileActivation activation)
    {
        while (rows > 0)
        {
            int tile;
            if (MatrixTile512.IsSupported)
            {
                if (rows > 8)
                {
                    tile = 12;
                    MatrixTile512.Rows12(a, aStride, b, depth, c, cStride);
                }
                else if (rows > 4)
                {
                    tile = 8;
                    MatrixTile512.Rows8(a, aStride, b, depth, c, cStride);
                }
                else
                {
                    tile = 4;
                    MatrixTile512.Rows4(a, aStride, b, depth, c, cStride);
                }
            }
            else if (MatrixTile256.IsSupported)
            {
                if (rows > 4)
                {
                    tile = 6;
                    MatrixTile256.Rows6(a, aStride, b, depth, c, cStride);
                }
                else
                {
                    tile = 4;
                    MatrixTile256.Rows4(a, aStride, b, depth, c, cStride);
                }
            }
            else if (MatrixTile128.IsSupported)
            {
                tile = 4;
                MatrixTile128.Rows4(a, aStride, b, depth, c, cStride);
            }
            else
            {
                tile = 1;
                RowScalar(a, b, depth, c);
            }

            Activate(activation, c, cStride, tile);
            a += tile * aStride;
            c += tile * cStride;
            rows -= tile;
        }
    }

    private static void MultiplySingle(
        float* a, nint aStride, int rows, PackedMatrix weights, int firstPanel, int endPanel, float* c, nint cStride, bool accumulate, TileActivation activation)
    {
        fixed (float* panels = weights.PanelData, bias = weights.Bias)
        {
            for (var row = 0; row < rows; row += RowBlock)
            {
                var blockRows = Math.Min(RowBlock, rows - row);
                for (var depth = 0; depth < weights.Inputs; depth += DepthBlock)
                {
                    var blockDepth = Math.Min(DepthBlock, weights.Inputs - depth);
                    var last = depth + blockDepth == weights.Inputs;
                    for (var panel = firstPanel; panel < endPanel; panel++)
                    {
                        var column = panel * PackedMatrix.PanelColumns;
                        var cBlock = c + (row * cStride) + column;
                        if (depth == 0)
                        {
                            Start(cBlock, cStride, PadRows(blockRows), bias + column, accumulate);
                        }

                        var b = panels + ((((nint)panel * weights.Inputs) + depth) * PackedMatrix.PanelColumns);
                        Panel(a + (row * aStride) + depth, aStride, blockRows, b, blockDepth, cBlock, cStride, last ? activation : TileActivation.None);
                    }
                }
            }
        }
    }

    // Each panel is widened once a block of rows, into a buffer that stays in the second-level cache: one pass over it beside eight or more products.
    [SkipLocalsInit]
    private static void MultiplyHalf(
        float* a, nint aStride, int rows, PackedMatrix weights, int firstPanel, int endPanel, float* c, nint cStride, bool accumulate, TileActivation activation)
    {
        var room = stackalloc byte[(DepthBlock * MatrixTile512.Columns * sizeof(float)) + CacheLine];
        var widened = (float*)(((nint)room + CacheLine - 1) & -CacheLine);
        fixed (float* bias = weights.Bias)
        fixed (short* panels = weights.HalfPanelData)
        {
            for (var row = 0; row < rows; row += HalfRowBlock)
            {
                var blockRows = Math.Min(HalfRowBlock, rows - row);
                for (var depth = 0; depth < weights.Inputs; depth += DepthBlock)
                {
                    var blockDepth = Math.Min(DepthBlock, weights.Inputs - depth);
                    var last = depth + blockDepth == weights.Inputs;
                    for (var panel = firstPanel; panel < endPanel; panel++)
                    {
                        var column = panel * PackedMatrix.PanelColumns;
                        var cBlock = c + (row * cStride) + column;
                        if (depth == 0)
                        {
                            Start(cBlock, cStride, PadRows(blockRows), bias + column, accumulate);
                        }

                        HalfPanel.Widen(panels + ((((nint)panel * weights.Inputs) + depth) * PackedMatrix.PanelColumns), widened, blockDepth);
                        Panel(a + (row * aStride) + depth, aStride, blockRows, widened, blockDepth, cBlock, cStride, last ? activation : TileActivation.None);
                    }
                }
            }
        }
    }

    // One tile of rows, so each weight is used once: it is widened in the micro-kernel, and the rows take the scale.
    [SkipLocalsInit]
    private static void MultiplyHalfFewRows(
        float* a, nint aStride, int rows, PackedMatrix weights, int firstPanel, int endPanel, float* c, nint cStride, bool accumulate, TileActivation activation)
    {
        const int Stride = DepthBlock + FloatsInCacheLine;
        var room = stackalloc byte[(RowMultiple * Stride * sizeof(float)) + CacheLine];
        var scaled = (float*)(((nint)room + CacheLine - 1) & -CacheLine);
        var tile = rows > 8 ? 12 : rows > 4 ? 8 : 4;
        fixed (float* bias = weights.Bias)
        fixed (short* panels = weights.HalfPanelData)
        {
            for (var depth = 0; depth < weights.Inputs; depth += DepthBlock)
            {
                var blockDepth = Math.Min(DepthBlock, weights.Inputs - depth);
                var last = depth + blockDepth == weights.Inputs;
                for (var r = 0; r < tile; r++)
                {
                    Scale(a + (r * aStride) + depth, scaled + (r * Stride), blockDepth);
                }

                for (var panel = firstPanel; panel < endPanel; panel++)
                {
                    var column = panel * PackedMatrix.PanelColumns;
                    if (depth == 0)
                    {
                        Start(c + column, cStride, tile, bias + column, accumulate);
                    }

                    var b = panels + ((((nint)panel * weights.Inputs) + depth) * PackedMatrix.PanelColumns);
                    switch (tile)
                    {
                        case 12:
                            HalfTile512.Rows12(scaled, Stride, b, blockDepth, c + column, cStride);
                            break;
                        case 8:
                            HalfTile512.Rows8(scaled, Stride, b, blockDepth, c + column, cStride);
                            break;
                        default:
                            HalfTile512.Rows4(scaled, Stride, b, blockDepth, c + column, cStride);
                            break;
                    }

                    if (last)
                    {
                        Activate(activation, c + column, cStride, tile);
                    }
                }
            }
        }
    }

    private static void Scale(float* source, float* target, int count)
    {
        var from = new ReadOnlySpan<float>(source, count);
        var to = new Span<float>(target, count);
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = from[i] * HalfPanel.Scale;
        }
    }

    private static void Activate(TileActivation activation, float* c, nint cStride, int rows)
    {
        if (activation != TileActivation.None)
        {
            for (var r = 0; r < rows; r++)
            {
                Activation.Apply(activation, new Span<float>(c + (r * cStride), PackedMatrix.PanelColumns));
            }
        }
    }

    private static void RowScalar(float* a, float* b, int depth, float* c)
    {
        for (var k = 0; k < depth; k++)
        {
            for (var column = 0; column < MatrixTile256.Columns; column++)
            {
                c[column] += a[k] * b[column];
            }

            b += MatrixTile256.Columns;
        }
    }

    private static void Start(float* c, nint cStride, int rows, float* bias, bool accumulate)
    {
        var from = new ReadOnlySpan<float>(bias, PackedMatrix.PanelColumns);
        for (var r = 0; r < rows; r++)
        {
            var target = new Span<float>(c + (r * cStride), PackedMatrix.PanelColumns);
            if (!accumulate)
            {
                from.CopyTo(target);
                continue;
            }

            for (var i = 0; i < target.Length; i++)
            {
                target[i] += from[i];
            }
        }
    }

    private static void Check(
        ReadOnlySpan<float> a, int aStride, int rows, PackedMatrix weights, int firstPanel, int endPanel, Span<float> c, int cStride)
    {
        var padded = PadRows(rows);
        if (rows < 1 || aStride < weights.Inputs || (((long)padded - 1) * aStride) + weights.Inputs > a.Length)
        {
            throw new ArgumentException($"A holds {a.Length} floats: too few for {padded} rows of {weights.Inputs}, {aStride} apart.", nameof(a));
        }

        var columns = weights.Panels * PackedMatrix.PanelColumns;
        if (cStride < columns || (((long)padded - 1) * cStride) + columns > c.Length)
        {
            throw new ArgumentException($"C holds {c.Length} floats: too few for {padded} rows of {columns}, {cStride} apart.", nameof(c));
        }

        if (firstPanel < 0 || endPanel > weights.Panels || firstPanel > endPanel)
        {
            throw new ArgumentException($"Panels {firstPanel} to {endPanel} of {weights.Panels}.", nameof(firstPanel));
        }
    }
}
