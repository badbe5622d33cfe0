using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class HalfPanelTests
{
    [Fact]
    public void Encode_every_half_below_128_comes_back_bit_by_bit()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            var holds = Math.Abs(value) < 128f;
            Assert.Equal(holds, HalfPanel.CanHold([value]));
            if (holds)
            {
                Assert.Equal(BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(HalfPanel.Decode(HalfPanel.Encode(value))));
            }
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(128f)]
    [InlineData(1e-9f)]
    [InlineData(1e-41f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void CanHold_value_that_is_no_small_half_is_refused(float value) => Assert.False(HalfPanel.CanHold([0.5f, value]));
}
