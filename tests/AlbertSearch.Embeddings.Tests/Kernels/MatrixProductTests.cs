using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class MatrixProductTests
{
    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Multiply_any_number_of_rows_equals_the_scalar_twin(int rows)
    {
        foreach (var half in (ReadOnlySpan<bool>)[false, true])
        {
            AssertTwin(rows, inputs: 37, outputs: 45, half, accumulate: false, TileActivation.None);
            AssertTwin(rows, inputs: 16, outputs: 64, half, accumulate: true, TileActivation.GeluTanh);
        }
    }

    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Multiply_any_depth_and_width_equals_the_scalar_twin(int size)
    {
        foreach (var half in (ReadOnlySpan<bool>)[false, true])
        {
            AssertTwin(rows: 5, inputs: size, outputs: 33, half, accumulate: true, TileActivation.None);
            AssertTwin(rows: 13, inputs: 20, outputs: size, half, accumulate: false, TileActivation.Tanh);
        }
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(211, false)]
    [InlineData(7, true)]
    [InlineData(211, true)]
    public void Multiply_more_than_a_block_equals_the_scalar_twin(int rows, bool half) =>
        AssertTwin(rows, inputs: 800, outputs: 40, half, accumulate: true, TileActivation.None);

    [Fact]
    public void Multiply_16_bit_panels_are_bit_identical_to_32_bit_ones()
    {
        foreach (var rows in (ReadOnlySpan<int>)[3, 8, 11, 30])
        {
            using var single = Pack(50, 70, half: false);
            using var half = Pack(50, 70, half: true);
            Assert.Equal(Product(single, rows, 0, single.Panels), Product(half, rows, 0, half.Panels));
        }
    }

    [Fact]
    public void Multiply_rows_alone_are_bit_identical_to_rows_among_others()
    {
        using var weights = Pack(100, 70, half: true);
        var together = Product(weights, 31, 0, weights.Panels);
        var few = Product(weights, 6, 0, weights.Panels);
        var floats = 6 * PackedMatrix.RoundUp(weights.Outputs);
        Assert.Equal(few.AsSpan(0, floats).ToArray(), together.AsSpan(0, floats).ToArray());
    }

    [Fact]
    public void Multiply_panels_apart_are_bit_identical_to_panels_together()
    {
        using var weights = Pack(100, 150, half: false);
        var whole = Product(weights, 9, 0, weights.Panels);
        var c = new float[whole.Length];
        Product(weights, 9, 2, weights.Panels, c);
        Product(weights, 9, 0, 2, c);
        Assert.Equal(whole, c);
    }

    [Fact]
    public void Multiply_infinities_and_not_a_number_spread_along_their_row_alone()
    {
        using var weights = Pack(40, 33, half: false);
        var stride = MatrixProduct.RowStride(40);
        var a = KernelData.Normal(MatrixProduct.PadRows(14) * stride, seed: 8).ToArray();
        a[(3 * stride) + 7] = float.NaN;
        a[(12 * stride) + 39] = float.PositiveInfinity;
        var cStride = MatrixProduct.RowStride(33);
        var c = new float[MatrixProduct.PadRows(14) * cStride];

        MatrixProduct.Multiply(a, stride, 14, weights, 0, weights.Panels, c, cStride, accumulate: false, TileActivation.None);

        for (var row = 0; row < 14; row++)
        {
            Assert.All(c.AsSpan(row * cStride, 33).ToArray(), x => Assert.Equal(row is not (3 or 12), float.IsFinite(x)));
        }
    }

    [Fact]
    public void Multiply_subnormal_operands_equal_the_scalar_twin()
    {
        using var weights = Pack(40, 33, half: false);
        var stride = MatrixProduct.RowStride(40);
        var a = Enumerable.Repeat(3e-41f, MatrixProduct.PadRows(5) * stride).ToArray();
        var (actual, expected) = (new float[12 * 64], new float[12 * 64]);

        MatrixProduct.Multiply(a, stride, 5, weights, 0, weights.Panels, actual, 64, accumulate: false, TileActivation.None);
        MatrixProduct.MultiplyScalar(a, stride, 5, weights, 0, weights.Panels, expected, 64, accumulate: false, TileActivation.None);

        KernelData.AssertClose(expected.AsSpan(0, 5 * 64), actual.AsSpan(0, 5 * 64), 1e-6f);
    }

    [Fact]
    public void Multiply_spans_that_are_too_short_are_refused()
    {
        using var weights = Pack(40, 33, half: false);
        var room = new float[12 * 64];
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(new float[(12 * 40) - 1], 40, 5, weights, 0, 1, room, 64, false, TileActivation.None));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(new float[12 * 40], 39, 5, weights, 0, 1, room, 64, false, TileActivation.None));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(new float[12 * 40], 40, 5, weights, 0, 1, new float[100], 64, false, TileActivation.None));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(new float[12 * 40], 40, 5, weights, 0, weights.Panels + 1, room, 64, false, TileActivation.None));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(new float[12 * 40], 40, 0, weights, 0, 1, room, 64, false, TileActivation.None));
    }

    private static void AssertTwin(int rows, int inputs, int outputs, bool half, bool accumulate, TileActivation activation)
    {
        using var weights = Pack(inputs, outputs, half);
        var stride = MatrixProduct.RowStride(inputs) + 3;
        var cStride = MatrixProduct.RowStride(outputs) + 5;
        var a = KernelData.Normal(MatrixProduct.PadRows(rows) * stride, seed: rows).Span;
        var actual = KernelData.Normal(MatrixProduct.PadRows(rows) * cStride, seed: 6).Span;
        var expected = actual.ToArray();

        MatrixProduct.Multiply(a, stride, rows, weights, 0, weights.Panels, actual, cStride, accumulate, activation);
        MatrixProduct.MultiplyScalar(a, stride, rows, weights, 0, weights.Panels, expected, cStride, accumulate, activation);

        // Below AVX2 a multiply-add rounds twice: half a unit in the last place a step.
        var tolerance = 4e-7f * (inputs + 8);
        for (var row = 0; row < rows; row++)
        {
            KernelData.AssertClose(expected.AsSpan(row * cStride, outputs), actual.Slice(row * cStride, outputs), tolerance);
        }
    }

    private static PackedMatrix Pack(int inputs, int outputs, bool half)
    {
        var weights = KernelData.Normal(inputs * outputs, seed: inputs).ToArray().Select(x => (float)(Half)x).ToArray();
        var packed = new PackedMatrix(inputs, outputs, half);
        packed.Fill(0, weights, KernelData.Normal(outputs, seed: outputs).Span);
        return packed;
    }

    private static float[] Product(PackedMatrix weights, int rows, int firstPanel, int endPanel, float[]? c = null)
    {
        var stride = MatrixProduct.RowStride(weights.Inputs);
        var cStride = PackedMatrix.RoundUp(weights.Outputs);
        var a = KernelData.Normal(MatrixProduct.PadRows(64) * stride, seed: 7).Span;
        c ??= new float[MatrixProduct.PadRows(rows) * cStride];
        MatrixProduct.Multiply(a, stride, rows, weights, firstPanel, endPanel, c, cStride, accumulate: false, TileActivation.None);

        // What lies past the rows is not a result.
        c.AsSpan(rows * cStride).Clear();
        return c;
    }
}
