using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Tests.Kernels;

public class ScalarQuantizerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(64)]
    [InlineData(768)]
    public void Encode_floats_are_off_by_half_a_step_at_most(int dimension)
    {
        var stride = (dimension + 63) / 64 * 64;
        foreach (var vector in RandomVectors.Units(dimension, 20, dimension))
        {
            var codes = new byte[stride];
            var scale = ScalarQuantizer.Encode(vector, codes);
            var query = new sbyte[stride];
            var queryScale = ScalarQuantizer.EncodeQuery(vector, query);
            for (var i = 0; i < dimension; i++)
            {
                Assert.Equal(vector[i], scale * (codes[i] - 128), 0.5001f * scale);
                Assert.Equal(vector[i], queryScale * query[i], 0.5001f * queryScale);
                Assert.InRange(codes[i], 1, 255);
                Assert.InRange(query[i], -64, 64);
            }

            Assert.All(codes[dimension..], code => Assert.Equal(128, code));
            Assert.All(query[dimension..], code => Assert.Equal(0, code));
        }
    }

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(1e-38f)]
    [InlineData(float.Epsilon)]
    public void Encode_extreme_magnitudes_stay_in_range(float magnitude)
    {
        float[] vector = [magnitude, -magnitude, 0f];
        var codes = new byte[64];
        Assert.True(float.IsFinite(ScalarQuantizer.Encode(vector, codes)));
        Assert.True(float.IsFinite(ScalarQuantizer.EncodeQuery(vector, new sbyte[64])));
        Assert.Equal(128, codes[2]);
    }

    [Fact]
    public void Round_equals_scalar()
    {
        for (var length = 0; length < 200; length += 3)
        {
            var vector = RandomVectors.Units(length, 1, length)[0];
            var (fast, slow) = (new sbyte[length], new sbyte[length]);
            ScalarQuantizer.Round(vector, 100f, fast);
            ScalarQuantizer.RoundScalar(vector, 100f, slow);
            Assert.Equal(slow, fast);
        }
    }

    [Fact]
    public void CodesToQuery_every_code_equals_scalar_and_half()
    {
        var codes = Enumerable.Range(0, 256).Select(c => (byte)c).ToArray();
        var (fast, slow) = (new sbyte[256], new sbyte[256]);
        ScalarQuantizer.CodesToQuery(codes, fast);
        ScalarQuantizer.CodesToQueryScalar(codes, slow);
        Assert.Equal(slow, fast);
        Assert.All(Enumerable.Range(0, 256), c => Assert.Equal((c - 128) / 2.0, fast[c], 0.5));
    }
}
