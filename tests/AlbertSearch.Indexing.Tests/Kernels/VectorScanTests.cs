using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Tests.Kernels;

public class VectorScanTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void AllFinite_a_bad_float_anywhere_is_seen(float bad)
    {
        for (var length = 1; length < 70; length++)
        {
            for (var i = 0; i < length; i++)
            {
                var vector = new float[length];
                Array.Fill(vector, float.MaxValue);
                vector[i] = bad;
                Assert.False(VectorScan.AllFinite(vector));
                Assert.False(VectorScan.AllFiniteScalar(vector));
            }
        }
    }

    [Fact]
    public void AllFinite_extremes_are_finite() =>
        Assert.True(VectorScan.AllFinite([float.MaxValue, float.MinValue, float.Epsilon, -0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f, 11f, 12f]));

    [Fact]
    public void MaxMagnitude_equals_scalar()
    {
        var random = new Random(4);
        for (var length = 0; length < 70; length++)
        {
            var vector = Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f).ToArray();
            Assert.Equal(VectorScan.MaxMagnitudeScalar(vector), VectorScan.MaxMagnitude(vector));
        }
    }
}
