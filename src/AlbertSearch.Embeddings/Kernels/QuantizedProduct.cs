using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AlbertSearch.Embeddings.Kernels;

/// <summary>
/// The product of <see cref="MatrixProduct"/> on 7-bit codes: with a[r, k] ≈ smallestᵣ + codeᵣₖ · scaleᵣ (<see cref="RowQuantization"/>) and
/// w[n, k] ≈ codeₙₖ · scaleₙ (<see cref="QuantizedMatrix"/>),
/// c[r, n] = scaleₙ · (scaleᵣ · Σₖ codeᵣₖ · codeₙₖ + smallestᵣ · Σₖ codeₙₖ) + biasₙ (+ c[r, n]), plus the weights kept in float times the
/// row's own floats, then the activation.
/// The integer sums are exact; all widths agree but for the rounding of the last step. rows · inputs · outputs multiply-adds.
/// </summary>
internal static unsafe class QuantizedProduct
{
    private const int TileRows = 8;

    // A block of codes is RowBlock × 768 bytes = 144 KB (576 KB at 3,072 inputs): it stays in the second-level cache, a panel in the first.
    private const int RowBlock = 192;

    /// <summary>Computes the columns of some panels.</summary>
    /// <param name="states">The floats that the codes were made of, row-major.</param>
    /// <param name="stateStride">Floats from row to row.</param>
    /// <param name="codes">Row-major; room for <see cref="MatrixProduct.PadRows"/>(rows) rows.</param>
    /// <param name="codeStride">Bytes from row to row, at least the weights' depth.</param>
    /// <param name="scales">[padded rows].</param>
    /// <param name="smallest">[padded rows].</param>
    /// <param name="rows">Rows that matter.</param>
    /// <param name="weights">W and the biases.</param>
    /// <param name="firstPanel">First panel to compute.</param>
    /// <param name="endPanel">One past the last panel to compute.</param>
    /// <param name="c">C, with room for the padded rows.</param>
    /// <param name="cStride">Floats from row to row, at least the outputs in whole panels.</param>
    /// <param name="accumulate">Whether to add to what C holds (the residual).</param>
    /// <param name="activation">Applied last.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    [SkipLocalsInit]
    public static void Multiply(
        ReadOnlySpan<float> states,
        int stateStride,
        ReadOnlySpan<byte> codes,
        int codeStride,
        ReadOnlySpan<float> scales,
        ReadOnlySpan<float> smallest,
        int rows,
        QuantizedMatrix weights,
        int firstPanel,
        int endPanel,
        Span<float> c,
        int cStride,
        bool accumulate,
        TileActivation activation)
    {
        Check(states, stateStride, codes, codeStride, scales, smallest, rows, weights, firstPanel, endPanel, c, cStride);
        var columns = PackedMatrix.PanelColumns;
        var sums = stackalloc int[TileRows * MatrixTile512.Columns];
        fixed (byte* a = codes)
        fixed (sbyte* panels = weights.PanelData)
        fixed (float* cStart = c, weightScales = weights.Scales, weightSums = weights.Sums, bias = weights.Bias)
        {
            for (var block = 0; block < rows; block += RowBlock)
            {
                var end = Math.Min(rows, block + RowBlock);
                for (var panel = firstPanel; panel < endPanel; panel++)
                {
                    var column = panel * columns;
                    var b = panels + ((nint)column * weights.Depth);
                    for (var row = block; row < end;)
                    {
                        var tile = Tile(a + ((nint)row * codeStride), codeStride, end - row, b, weights.Depth, sums);
                        for (var r = 0; r < tile; r++, row++)
                        {
                            var target = cStart + ((nint)row * cStride) + column;
                            Finish(sums + (r * columns), scales[row], smallest[row], weightScales + column, weightSums + column, bias + column, target, accumulate);
                            AddOutliers(weights.Outliers(panel), states[(row * stateStride)..], new Span<float>(target, columns));
                            Activation.Apply(activation, new Span<float>(target, columns));
                        }
                    }
                }
            }
        }
    }

    /// <summary>The scalar twin: the definition.</summary>
    public static void MultiplyScalar(
        ReadOnlySpan<float> states,
        int stateStride,
        ReadOnlySpan<byte> codes,
        int codeStride,
        ReadOnlySpan<float> scales,
        ReadOnlySpan<float> smallest,
        int rows,
        QuantizedMatrix weights,
        Span<float> c,
        int cStride,
        bool accumulate,
        TileActivation activation)
    {
        Check(states, stateStride, codes, codeStride, scales, smallest, rows, weights, 0, weights.Panels, c, cStride);
        for (var row = 0; row < rows; row++)
        {
            for (var n = 0; n < weights.Outputs; n++)
            {
                var sum = 0;
                for (var k = 0; k < weights.Inputs; k++)
                {
                    sum += codes[(row * codeStride) + k] * weights.Code(n, k);
                }

                ref var target = ref c[(row * cStride) + n];
                var start = weights.Bias[n] + (accumulate ? target : 0f);
                target = (weights.Scales[n] * ((scales[row] * sum) + (smallest[row] * weights.Sums[n]))) + start;
            }

            for (var panel = 0; panel < weights.Panels; panel++)
            {
                foreach (var outlier in weights.Outliers(panel))
                {
                    c[(row * cStride) + (panel * PackedMatrix.PanelColumns) + outlier.Column] += outlier.Weight * states[(row * stateStride) + outlier.Input];
                }
            }

            Activation.ApplyScalar(activation, c.Slice(row * cStride, weights.Outputs));
        }
    }

    private static void AddOutliers(ReadOnlySpan<QuantizedMatrix.Outlier> outliers, ReadOnlySpan<float> row, Span<float> target)
    {
        foreach (var outlier in outliers)
        {
            target[outlier.Column] += outlier.Weight * row[outlier.Input];
        }
    }

    private static int Tile(byte* a, nint stride, int rows, sbyte* b, int depth, int* sums)
    {
        if (QuantizedTile512.IsSupported)
        {
            if (rows > 4)
            {
                QuantizedTile512.Rows8(a, stride, b, depth / QuantizedMatrix.DepthMultiple, sums);
                return Math.Min(rows, 8);
            }

            QuantizedTile512.Rows4(a, stride, b, depth / QuantizedMatrix.DepthMultiple, sums);
            return Math.Min(rows, 4);
        }

        // Panels are as wide as the float kernels want them: 32 columns only with AVX-512.
        if (QuantizedTile256.IsSupported && PackedMatrix.PanelColumns == MatrixTile256.Columns)
        {
            QuantizedTile256.Rows4(a, stride, b, depth / QuantizedMatrix.DepthMultiple, sums);
            return Math.Min(rows, 4);
        }

        RowScalar(a, b, depth, sums);
        return 1;
    }

    private static void RowScalar(byte* a, sbyte* b, int depth, int* sums)
    {
        var columns = PackedMatrix.PanelColumns;
        new Span<int>(sums, columns).Clear();
        for (var k = 0; k < depth; k += 4, b += 4 * columns)
        {
            for (var column = 0; column < columns; column++)
            {
                var w = b + (4 * column);
                sums[column] += (a[k] * w[0]) + (a[k + 1] * w[1]) + (a[k + 2] * w[2]) + (a[k + 3] * w[3]);
            }
        }
    }

    private static void Finish(int* sums, float scale, float smallest, float* weightScales, float* weightSums, float* bias, float* target, bool accumulate)
    {
        if (Lanes512.IsSupported)
        {
            Finish<Lanes512, Vector512<float>>(sums, scale, smallest, weightScales, weightSums, bias, target, accumulate);
        }
        else if (Lanes256.IsSupported)
        {
            Finish<Lanes256, Vector256<float>>(sums, scale, smallest, weightScales, weightSums, bias, target, accumulate);
        }
        else if (Lanes128.IsSupported)
        {
            Finish<Lanes128, Vector128<float>>(sums, scale, smallest, weightScales, weightSums, bias, target, accumulate);
        }
        else
        {
            Finish<LanesScalar, float>(sums, scale, smallest, weightScales, weightSums, bias, target, accumulate);
        }
    }

    private static void Finish<TLanes, TVector>(
        int* sums, float scale, float smallest, float* weightScales, float* weightSums, float* bias, float* target, bool accumulate)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (var i = 0; i < PackedMatrix.PanelColumns; i += TLanes.Count)
        {
            var start = TLanes.Load(bias + i);
            if (accumulate)
            {
                start = TLanes.Add(start, TLanes.Load(target + i));
            }

            var value = TLanes.Multiply(TLanes.Broadcast(smallest), TLanes.Load(weightSums + i));
            value = TLanes.MultiplyAdd(TLanes.Broadcast(scale), TLanes.FromInt32(sums + i), value);
            TLanes.Store(target + i, TLanes.MultiplyAdd(TLanes.Load(weightScales + i), value, start));
        }
    }

    private static void Check(
        ReadOnlySpan<float> states,
        int stateStride,
        ReadOnlySpan<byte> codes,
        int codeStride,
        ReadOnlySpan<float> scales,
        ReadOnlySpan<float> smallest,
        int rows,
        QuantizedMatrix weights,
        int firstPanel,
        int endPanel,
        Span<float> c,
        int cStride)
    {
        var padded = MatrixProduct.PadRows(rows);
        if (rows < 1 || codeStride < weights.Depth || (long)padded * codeStride > codes.Length || scales.Length < rows || smallest.Length < rows)
        {
            throw new ArgumentException($"{codes.Length} codes: too few for {padded} rows of {weights.Depth}, {codeStride} apart, or fewer scales than rows.", nameof(codes));
        }

        if (stateStride < weights.Inputs || (((long)rows - 1) * stateStride) + weights.Inputs > states.Length)
        {
            throw new ArgumentException($"{states.Length} states: too few for {rows} rows of {weights.Inputs}, {stateStride} apart.", nameof(states));
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
