using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class SoftmaxTests
{
    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Apply_any_count_equals_the_scalar_twin_and_the_formula(int count)
    {
        var row = Row(count, seed: count);
        var twin = row.ToArray();
        var expected = Formula(row.Span[..count]);

        Softmax.Apply(row.Span, count);
        Softmax.ApplyScalar(twin, count);

        KernelData.AssertClose(expected, row.Span[..count], 1e-6f);
        KernelData.AssertClose(twin, row.Span, 1e-6f);
        Assert.All(row[count..].ToArray(), x => Assert.Equal(0f, x));
    }

    [Fact]
    public void Apply_large_scores_do_not_overflow()
    {
        var row = new float[16];
        (row[0], row[1], row[2]) = (3e38f, 3e38f, -3e38f);
        Softmax.Apply(row, 3);
        KernelData.AssertClose([0.5f, 0.5f, 0f], row.AsSpan(0, 3), 1e-6f);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Apply_row_with_not_a_number_becomes_not_a_number(float value)
    {
        for (var position = 0; position < 33; position++)
        {
            var row = Row(33, seed: 9);
            row.Span[position] = value;
            Softmax.Apply(row.Span, 33);
            Assert.All(row[..33].ToArray(), x => Assert.True(float.IsNaN(x)));
        }
    }

    [Fact]
    public void Apply_minus_infinity_gets_no_weight()
    {
        var row = Row(5, seed: 10);
        row.Span[3] = float.NegativeInfinity;
        Softmax.Apply(row.Span, 5);
        Assert.InRange(row.Span[3], 0f, 1e-30f);
    }

    [Theory]
    [InlineData(16, 0)]
    [InlineData(16, 17)]
    [InlineData(15, 3)]
    public void Apply_room_or_count_out_of_range_is_refused(int room, int count) =>
        Assert.Throws<ArgumentException>(() => Softmax.Apply(new float[room], count));

    private static Memory<float> Row(int count, int seed) =>
        KernelData.Normal((count + Softmax.RoomMultiple - 1) / Softmax.RoomMultiple * Softmax.RoomMultiple, seed, spread: 5f);

    private static float[] Formula(ReadOnlySpan<float> scores)
    {
        var powers = scores.ToArray().Select(x => Math.Exp(x)).ToArray();
        return [.. powers.Select(p => (float)(p / powers.Sum()))];
    }
}
