using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Embeddings.Tests.Pooling;

public sealed class VectorSimilarityTests
{
    [Fact]
    public void Dot_is_the_sum_of_products()
    {
        Assert.Equal(-2f, VectorSimilarity.Dot([1, 2, 3], [4, 3, -4]));
        Assert.Throws<ArgumentException>(() => VectorSimilarity.Dot([1], [1, 2]));
    }

    [Theory]
    [InlineData(3f, 4f)]
    [InlineData(1e-30f, -1e-30f)]
    [InlineData(1e30f, 2e30f)]
    public void Normalize_any_finite_length_gives_norm_one_and_keeps_the_direction(float x, float y)
    {
        float[] vector = [x, y];
        VectorSimilarity.Normalize(vector);

        Assert.Equal(1, Math.Sqrt(((double)vector[0] * vector[0]) + ((double)vector[1] * vector[1])), tolerance: 1e-6);
        Assert.Equal((double)y / x, (double)vector[1] / vector[0], tolerance: 1e-6);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Normalize_vector_without_direction_throws_and_changes_nothing(float value)
    {
        float[] vector = [0, value];

        Assert.Throws<DegenerateVectorException>(() => VectorSimilarity.Normalize(vector));
        Assert.Equal([0, value], vector);
    }
}
