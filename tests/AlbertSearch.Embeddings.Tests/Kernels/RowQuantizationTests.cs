using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class RowQuantizationTests
{
    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Apply_any_length_equals_the_scalar_twin_and_is_within_half_a_scale(int length)
    {
        var row = KernelData.Normal(length, seed: length, spread: 3f).Span;
        var (codes, twin) = (Enumerable.Repeat((byte)9, length + 5).ToArray(), new byte[length + 5]);

        var (scale, smallest) = RowQuantization.Apply(row, codes);
        var expected = RowQuantization.ApplyScalar(row, twin);

        Assert.Equal(expected, (scale, smallest));
        Assert.Equal(twin, codes);
        Assert.All(codes[length..], code => Assert.Equal(0, code));
        for (var i = 0; i < length; i++)
        {
            Assert.InRange(codes[i], 0, 127);
            Assert.InRange(smallest + (codes[i] * scale) - row[i], -0.5001f * scale, 0.5001f * scale);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Apply_row_that_is_not_finite_gets_no_scale(float value)
    {
        for (var position = 0; position < 37; position++)
        {
            var row = KernelData.Normal(37, seed: 2).ToArray();
            row[position] = value;
            Assert.True(float.IsNaN(RowQuantization.Apply(row, new byte[37]).Scale));
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-2.5f)]
    [InlineData(1e-42f)]
    public void Apply_row_of_one_value_gives_that_value(float value)
    {
        var codes = new byte[37];
        var (scale, smallest) = RowQuantization.Apply(Enumerable.Repeat(value, 37).ToArray(), codes);
        Assert.All(codes, code => Assert.Equal(value, smallest + (code * scale)));
    }
}
