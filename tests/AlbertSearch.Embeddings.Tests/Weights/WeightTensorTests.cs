using AlbertSearch.Embeddings.Weights;

namespace AlbertSearch.Embeddings.Tests.Weights;

public sealed class WeightTensorTests
{
    [Fact]
    public void CopyTo_each_type_gives_the_same_numbers()
    {
        float[] values = [0, 1, -2.5f, 0.0078125f, 96];

        Assert.Equal(values, Tensor(WeightDataType.F32, values.SelectMany(BitConverter.GetBytes)).ToArray());
        Assert.Equal(values, Tensor(WeightDataType.F16, values.SelectMany(value => BitConverter.GetBytes((Half)value))).ToArray());
        Assert.Equal(values, Tensor(WeightDataType.BF16, values.SelectMany(value => BitConverter.GetBytes(SafetensorsContent.Tensor.BrainBits(value)))).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void CopyTo_destination_of_another_length_is_refused(int length)
    {
        WeightTensor tensor = Tensor(WeightDataType.F16, new byte[4]);

        Assert.Throws<ArgumentException>(() => tensor.CopyTo(new float[length]));
    }

    private static WeightTensor Tensor(WeightDataType dataType, IEnumerable<byte> bytes)
    {
        byte[] data = [.. bytes];
        return new WeightTensor("t", dataType, [data.Length / (dataType == WeightDataType.F32 ? 4 : 2)], data);
    }
}
