using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class LayerNormTests
{
    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Apply_any_length_equals_the_scalar_twin_and_the_formula(int length)
    {
        var row = KernelData.Normal(length, seed: 1, spread: 3f).Span;
        var gain = KernelData.Normal(length, seed: 2).Span;
        var shift = KernelData.Normal(length, seed: 3).Span;
        var twin = row.ToArray();
        var formula = Formula(row, gain, shift, 1e-5);

        LayerNorm.Apply(row, gain, shift, 1e-5f);
        LayerNorm.ApplyScalar(twin, gain, shift, 1e-5f);

        KernelData.AssertClose(twin, row, 2e-5f);
        KernelData.AssertClose(formula, row, 2e-5f);
    }

    [Fact]
    public void Apply_large_mean_keeps_the_variance()
    {
        var row = KernelData.Normal(768, seed: 4).ToArray().Select(x => 1000f + x).ToArray();
        var ones = Enumerable.Repeat(1f, row.Length).ToArray();
        var expected = Formula(row, ones, new float[row.Length], 1e-12);

        LayerNorm.Apply(row, ones, new float[row.Length], 1e-12f);

        // 1000 has 6e-5 to the next float; the rest is the mean's rounding.
        KernelData.AssertClose(expected, row, 3e-4f);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Apply_row_with_a_value_that_is_not_finite_becomes_not_a_number(float value)
    {
        for (var position = 0; position < 37; position += 12)
        {
            var row = KernelData.Normal(37, seed: 5).ToArray();
            row[position] = value;
            LayerNorm.Apply(row, Enumerable.Repeat(1f, 37).ToArray(), new float[37], 1e-5f);
            Assert.All(row, x => Assert.True(float.IsNaN(x)));
        }
    }

    [Fact]
    public void Apply_subnormal_row_becomes_the_shift()
    {
        var row = Enumerable.Repeat(1e-41f, 37).ToArray();
        LayerNorm.Apply(row, Enumerable.Repeat(2f, 37).ToArray(), Enumerable.Repeat(3f, 37).ToArray(), 1e-12f);
        KernelData.AssertClose(Enumerable.Repeat(3f, 37).ToArray(), row, 1e-6f);
    }

    [Fact]
    public void Apply_gain_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => LayerNorm.Apply(new float[5], new float[4], new float[5], 1e-5f));

    private static float[] Formula(ReadOnlySpan<float> row, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, double epsilon)
    {
        var values = row.ToArray().Select(x => (double)x).ToArray();
        var mean = values.Average();
        var scale = 1 / Math.Sqrt(values.Average(x => (x - mean) * (x - mean)) + epsilon);
        var (g, s) = (gain.ToArray(), shift.ToArray());
        return [.. values.Select((x, i) => (float)(((x - mean) * scale * g[i]) + s[i]))];
    }
}
