using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class AttentionTests
{
    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Head_any_length_equals_the_scalar_twin(int length)
    {
        AssertTwin(length, headWidth: 64);
        AssertTwin(length, headWidth: 12);
    }

    [Theory]
    [MemberData(nameof(KernelData.Lengths), MemberType = typeof(KernelData))]
    public void Head_any_width_equals_the_scalar_twin(int headWidth) => AssertTwin(length: 21, headWidth);

    [Fact]
    public void Head_longest_sequence_equals_the_scalar_twin() => AssertTwin(length: 512, headWidth: 64);

    [Fact]
    public void Head_writes_nothing_but_its_queries()
    {
        const int Length = 17;
        const int Stride = 100;
        var states = KernelData.Normal(MatrixProduct.PadRows(Length) * Stride, seed: 3).Span;
        var before = states.ToArray();

        Attention.Head(states, Stride, Length, 8, 40, 70, 12, Length, new float[Attention.ScratchLength(Length, 12)]);

        for (var i = 0; i < states.Length; i++)
        {
            var written = i / Stride < Length && i % Stride is >= 8 and < 20;
            Assert.True(written || states[i].Equals(before[i]), $"Row {i / Stride}, column {i % Stride} was overwritten.");
        }
    }

    [Fact]
    public void Head_first_query_alone_is_bit_identical_to_the_first_of_all()
    {
        var all = KernelData.Normal(48 * 48, seed: 4).ToArray();
        var first = all.ToArray();
        var scratch = new float[Attention.ScratchLength(37, 16)];

        Attention.Head(all, 48, 37, 0, 16, 32, 16, 37, scratch);
        Attention.Head(first, 48, 37, 0, 16, 32, 16, 1, scratch);

        Assert.Equal(all.AsSpan(0, 16).ToArray(), first.AsSpan(0, 16).ToArray());
        Assert.NotEqual(all.AsSpan(48, 16).ToArray(), first.AsSpan(48, 16).ToArray());
    }

    [Fact]
    public void Head_not_a_number_in_a_query_spoils_its_row_alone()
    {
        var states = KernelData.Normal(24 * 48, seed: 4).ToArray();
        states[(5 * 48) + 3] = float.NaN;
        Attention.Head(states, 48, 20, 0, 16, 32, 16, 20, new float[Attention.ScratchLength(20, 16)]);
        for (var row = 0; row < 20; row++)
        {
            Assert.All(states.AsSpan(row * 48, 16).ToArray(), x => Assert.Equal(row == 5, float.IsNaN(x)));
        }
    }

    [Fact]
    public void Head_states_that_are_too_short_are_refused() =>
        Assert.Throws<ArgumentException>(() => Attention.Head(new float[100], 48, 20, 0, 16, 32, 16, 20, new float[100_000]));

    private static void AssertTwin(int length, int headWidth)
    {
        var stride = (3 * headWidth) + 7;
        var actual = KernelData.Normal(MatrixProduct.PadRows(length) * stride, seed: length).Span;
        var expected = actual.ToArray();

        Attention.Head(actual, stride, length, 1, headWidth + 1, (2 * headWidth) + 1, headWidth, length, new float[Attention.ScratchLength(length, headWidth)]);
        Attention.HeadScalar(expected, stride, length, 1, headWidth + 1, (2 * headWidth) + 1, headWidth);

        for (var row = 0; row < length; row++)
        {
            KernelData.AssertClose(expected.AsSpan((row * stride) + 1, headWidth), actual.Slice((row * stride) + 1, headWidth), 2e-5f);
        }
    }
}
