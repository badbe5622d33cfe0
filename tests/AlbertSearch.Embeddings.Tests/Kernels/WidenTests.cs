using System.Runtime.InteropServices;
using AlbertSearch.Embeddings.Kernels;

namespace AlbertSearch.Embeddings.Tests.Kernels;

public sealed class WidenTests
{
    private static readonly ushort[] AllPatterns = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];

    [Fact]
    public void FromHalf_every_bit_pattern_equals_the_runtime_and_the_scalar_twin()
    {
        float[] actual = new float[AllPatterns.Length];
        float[] twin = new float[AllPatterns.Length];
        ReadOnlySpan<byte> source = MemoryMarshal.AsBytes<ushort>(AllPatterns);
        Widen.FromHalf(source, actual);
        Widen.FromHalfScalar(source, twin);

        for (int i = 0; i < AllPatterns.Length; i++)
        {
            Half expected = BitConverter.UInt16BitsToHalf(AllPatterns[i]);
            Assert.Equal(Half.IsNaN(expected), float.IsNaN(actual[i]));
            if (!Half.IsNaN(expected))
            {
                Assert.Equal(BitConverter.SingleToUInt32Bits((float)expected), BitConverter.SingleToUInt32Bits(actual[i]));
            }

            Assert.Equal(BitConverter.SingleToUInt32Bits(twin[i]), BitConverter.SingleToUInt32Bits(actual[i]));
        }
    }

    [Fact]
    public void FromBrain_every_bit_pattern_is_the_upper_half_of_a_float()
    {
        float[] actual = new float[AllPatterns.Length];
        float[] twin = new float[AllPatterns.Length];
        ReadOnlySpan<byte> source = MemoryMarshal.AsBytes<ushort>(AllPatterns);
        Widen.FromBrain(source, actual);
        Widen.FromBrainScalar(source, twin);

        for (int i = 0; i < AllPatterns.Length; i++)
        {
            Assert.Equal((uint)AllPatterns[i] << 16, BitConverter.SingleToUInt32Bits(actual[i]));
            Assert.Equal((uint)AllPatterns[i] << 16, BitConverter.SingleToUInt32Bits(twin[i]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(31)]
    public void FromHalf_any_length_writes_that_many_and_no_more(int length)
    {
        Half[] values = [.. Enumerable.Range(0, length).Select(i => (Half)(i - 3.5f))];
        float[] destination = [.. Enumerable.Repeat(77f, length + 1)];
        Widen.FromHalf(MemoryMarshal.AsBytes<Half>(values), destination);

        Assert.Equal([.. values.Select(value => (float)value), 77f], destination);
    }
}
