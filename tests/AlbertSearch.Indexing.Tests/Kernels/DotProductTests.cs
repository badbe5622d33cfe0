using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Tests.Kernels;

public class DotProductTests
{
    public static TheoryData<int> Lengths => [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 128, 767, 768, 1025];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Compute_every_width_equals_scalar(int length)
    {
        var random = new Random(length);
        var a = Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1).ToArray();
        var b = Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1).ToArray();
        var expected = DotProduct.Scalar(a, b);

        // Each of n products and additions rounds once: the error is at most about n · 2⁻²⁴ · Σ|aᵢbᵢ|.
        var tolerance = 1e-7f + (length * 6e-8f * a.Zip(b, (x, y) => Math.Abs(x * y)).Sum());
        Assert.Equal(expected, DotProduct.Compute(a, b), tolerance);
        Assert.Equal(expected, DotProduct.Compute128(a, b), tolerance);
        Assert.Equal(expected, DotProduct.Compute256(a, b), tolerance);
        if (Avx512F.IsSupported || !Vector512.IsHardwareAccelerated)
        {
            Assert.Equal(expected, DotProduct.Compute512(a, b), tolerance);
        }
    }

    [Fact]
    public void Compute_different_lengths_is_refused() =>
        Assert.Throws<ArgumentException>(() => DotProduct.Compute(new float[3], new float[4]));
}
