using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Tests.Kernels;

public class SquaredDistanceTests
{
    [Fact]
    public void Compute_equals_scalar()
    {
        for (var length = 1; length < 100; length++)
        {
            var (a, b) = (RandomVectors.Units(length, 1, length)[0], RandomVectors.Units(length + 1, 1, length)[0]);
            Assert.Equal(SquaredDistance.Scalar(a, b), SquaredDistance.Compute(a, b), 1e-5f);
            Assert.Equal(0, SquaredDistance.Compute(a, a));
        }
    }
}
