using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Embeddings.Tests.Pooling;

public sealed class TokenPoolingTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 48)]
    [InlineData(5, 64)]
    [InlineData(7, 130)]
    public void Pool_mean_is_the_mean_of_each_column(int tokens, int width)
    {
        float[] states = [.. Enumerable.Range(0, tokens * width).Select(i => MathF.Sin(i))];
        float[] mean = new float[width];
        TokenPooling.Pool(PoolingMode.Mean, states, [], mean);

        for (int column = 0; column < width; column++)
        {
            double expected = Enumerable.Range(0, tokens).Average(token => (double)states[(token * width) + column]);
            Assert.Equal(expected, mean[column], tolerance: 1e-7);
        }
    }

    [Fact]
    public void Pool_cls_is_the_first_row_and_pooler_the_pooled_one()
    {
        float[] vector = new float[2];
        TokenPooling.Pool(PoolingMode.Cls, [1, 2, 3, 4], [], vector);
        Assert.Equal([1f, 2f], vector);

        TokenPooling.Pool(PoolingMode.Pooler, [], [5, 6], vector);
        Assert.Equal([5f, 6f], vector);
    }
}
