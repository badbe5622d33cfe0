using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class QuantizedProductTests
{
    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Multiply_any_number_of_rows_equals_the_scalar_twin(int rows)
    {
        AssertTwin(rows, inputs: 37, outputs: 45, accumulate: false, TileActivation.None);
        AssertTwin(rows, inputs: 16, outputs: 64, accumulate: true, TileActivation.GeluTanh);
    }

    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Multiply_any_depth_and_width_equals_the_scalar_twin(int size)
    {
        AssertTwin(rows: 5, inputs: size, outputs: 33, accumulate: true, TileActivation.None);
        AssertTwin(rows: 13, inputs: 20, outputs: size, accumulate: false, TileActivation.Tanh);
    }

    [Fact]
    public void Multiply_largest_codes_do_not_overflow()
    {
        // All codes 127 and all weights ±63: the largest sums that 16 bits have to hold.
        const int Inputs = 3072;
        using var weights = new QuantizedMatrix(Inputs, 2);
        weights.Fill(0, [.. Enumerable.Repeat(63f, Inputs), .. Enumerable.Repeat(-63f, Inputs)], [0f, 0f]);
        var stride = weights.Depth;
        var codes = Enumerable.Repeat((byte)127, MatrixProduct.PadRows(9) * stride).ToArray();
        var c = new float[MatrixProduct.PadRows(9) * 32];

        QuantizedProduct.Multiply(new float[9 * Inputs], Inputs, codes, stride, Enumerable.Repeat(1f, 9).ToArray(), new float[9], 9, weights, 0, weights.Panels, c, 32, accumulate: false, TileActivation.None);

        for (var row = 0; row < 9; row++)
        {
            Assert.Equal(127f * 63 * Inputs, c[row * 32]);
            Assert.Equal(-127f * 63 * Inputs, c[(row * 32) + 1]);
        }
    }

    [Fact]
    public void Multiply_quantized_rows_are_near_the_float_product()
    {
        const int Inputs = 768;
        var floats = KernelData.Normal(Inputs * 64, seed: 1).ToArray();
        var row = KernelData.Normal(Inputs, seed: 2).ToArray();
        using var weights = new QuantizedMatrix(Inputs, 64);
        weights.Fill(0, floats, new float[64]);
        var codes = new byte[12 * weights.Depth];
        var (scale, smallest) = RowQuantization.Apply(row, codes.AsSpan(0, weights.Depth));
        var c = new float[12 * 64];

        QuantizedProduct.Multiply(row, Inputs, codes, weights.Depth, [scale], [smallest], 1, weights, 0, weights.Panels, c, 64, accumulate: false, TileActivation.None);

        // Rounding errors of both are uniform over a step: σ = step/√12, and 768 independent products of them.
        for (var n = 0; n < 64; n++)
        {
            var expected = Enumerable.Range(0, Inputs).Sum(k => (double)floats[(n * Inputs) + k] * row[k]);
            Assert.InRange(c[n] - expected, -3.5, 3.5);
        }
    }

    [Fact]
    public void Multiply_matrix_near_the_identity_is_as_exact_as_its_rest()
    {
        // One weight of 1 in each row among weights of 0.01: scaled to the 1, the others would have less than a bit.
        const int Width = 96;
        var floats = KernelData.Normal(Width * Width, seed: 1, spread: 0.01f).ToArray();
        for (var n = 0; n < Width; n++)
        {
            floats[(n * Width) + n] = 1f;
        }

        var row = KernelData.Normal(Width, seed: 2).ToArray();
        using var weights = new QuantizedMatrix(Width, Width);
        weights.Fill(0, floats, new float[Width]);
        var codes = new byte[12 * weights.Depth];
        var (scale, smallest) = RowQuantization.Apply(row, codes.AsSpan(0, weights.Depth));
        var c = new float[12 * Width];

        QuantizedProduct.Multiply(row, Width, codes, weights.Depth, [scale], [smallest], 1, weights, 0, weights.Panels, c, Width, accumulate: false, TileActivation.None);

        for (var n = 0; n < Width; n++)
        {
            var expected = Enumerable.Range(0, Width).Sum(k => (double)floats[(n * Width) + k] * row[k]);
            Assert.InRange(c[n] - expected, -0.008, 0.008);
        }
    }

    [Fact]
    public void Multiply_row_without_a_scale_becomes_not_a_number()
    {
        using var weights = new QuantizedMatrix(20, 33);
        weights.Fill(0, KernelData.Normal(20 * 33, seed: 1).Span, new float[33]);
        var c = new float[12 * 64];
        QuantizedProduct.Multiply(new float[40], 20, new byte[12 * 24], 24, [1f, float.NaN], [0f, float.NaN], 2, weights, 0, weights.Panels, c, 64, accumulate: false, TileActivation.None);
        Assert.All(c[..33], x => Assert.Equal(0f, x));
        Assert.All(c[64..97], x => Assert.True(float.IsNaN(x)));
    }

    private static void AssertTwin(int rows, int inputs, int outputs, bool accumulate, TileActivation activation)
    {
        using var weights = new QuantizedMatrix(inputs, outputs);
        weights.Fill(0, KernelData.Normal(inputs * outputs, seed: inputs).Span, KernelData.Normal(outputs, seed: 5).Span);
        var stride = weights.Depth + 1;
        var random = new Random(rows);
        var codes = new byte[MatrixProduct.PadRows(rows) * stride];
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)random.Next(128);
        }

        var scales = Enumerable.Range(0, rows).Select(_ => random.NextSingle() / 127).ToArray();
        var smallest = Enumerable.Range(0, rows).Select(_ => -random.NextSingle()).ToArray();
        var states = KernelData.Normal(rows * inputs, seed: 9).Span;
        var cStride = PackedMatrix.RoundUp(outputs);
        var actual = KernelData.Normal(MatrixProduct.PadRows(rows) * cStride, seed: 6).Span;
        var expected = actual.ToArray();

        QuantizedProduct.Multiply(states, inputs, codes, stride, scales, smallest, rows, weights, 0, weights.Panels, actual, cStride, accumulate, activation);
        QuantizedProduct.MultiplyScalar(states, inputs, codes, stride, scales, smallest, rows, weights, expected, cStride, accumulate, activation);

        for (var row = 0; row < rows; row++)
        {
            KernelData.AssertClose(expected.AsSpan(row * cStride, outputs), actual.Slice(row * cStride, outputs), 2e-5f);
        }
    }
}
