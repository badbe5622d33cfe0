using System.Runtime.Intrinsics.X86;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Tests.Kernels;

public class CodeDotProductTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(320)]
    [InlineData(768)]
    [InlineData(1024)]
    public void Compute_equals_scalar_bit_by_bit(int length)
    {
        var random = new Random(length);
        for (var round = 0; round < 50; round++)
        {
            var query = Enumerable.Range(0, length).Select(_ => (sbyte)random.Next(-64, 65)).ToArray();
            var codes = Enumerable.Range(0, length).Select(_ => (byte)random.Next(1, 256)).ToArray();
            Assert.Equal(CodeDotProduct.Scalar(query, codes), CodeDotProduct.Compute(query, codes));
            Assert.Equal(query.Sum(q => q), CodeDotProduct.QuerySum(query));
        }
    }

    [Theory]
    [InlineData(64, 255)]
    [InlineData(-64, 255)]
    [InlineData(64, 1)]
    [InlineData(-64, 0)]
    public void Compute_extremes_do_not_saturate(int query, int code)
    {
        var q = Enumerable.Repeat((sbyte)query, 768).ToArray();
        var c = Enumerable.Repeat((byte)code, 768).ToArray();
        Assert.Equal(768 * query * (code - 128), CodeDotProduct.Compute(q, c));
    }

    [Fact]
    public unsafe void Raw_every_width_equals_scalar()
    {
        var random = new Random(3);
        var query = Enumerable.Range(0, 448).Select(_ => (sbyte)random.Next(-64, 65)).ToArray();
        var codes = Enumerable.Range(0, 448).Select(_ => (byte)random.Next(0, 256)).ToArray();
        fixed (sbyte* q = query)
        {
            fixed (byte* c = codes)
            {
                var expected = CodeDotProduct.RawScalar(q, c, query.Length);
                Assert.Equal(expected, CodeDotProduct.Raw128(q, c, query.Length));
                if (Avx2.IsSupported)
                {
                    Assert.Equal(expected, CodeDotProduct.Raw256(q, c, query.Length));
                }

                if (Avx512BW.IsSupported)
                {
                    Assert.Equal(expected, CodeDotProduct.Raw512(q, c, query.Length));
                }
            }
        }
    }

    [Fact]
    public void ComputeMany_equals_one_by_one()
    {
        using var table = new RowTable<byte>(128, sizeof(byte));
        table.Ensure(99);
        var random = new Random(5);
        for (var row = 0; row < 100; row++)
        {
            random.NextBytes(table[row]);
        }

        var query = Enumerable.Range(0, 128).Select(_ => (sbyte)random.Next(-64, 65)).ToArray();
        for (var count = 0; count < 20; count++)
        {
            var rows = Enumerable.Range(0, count).Select(_ => random.Next(100)).ToArray();
            var sums = new int[count];
            var sum = CodeDotProduct.QuerySum(query);
            CodeDotProduct.ComputeMany(query, sum, table.Addresses, rows, sums);
            Assert.Equal(rows.Select(row => CodeDotProduct.Scalar(query, table[row])), sums);
            Assert.Equal(sums, rows.Select(row => CodeDotProduct.ComputeOne(query, sum, table.Addresses, row)));
        }
    }

    [Fact]
    public void Compute_lengths_that_differ_or_are_no_multiple_of_64_are_refused()
    {
        Assert.Throws<ArgumentException>(() => CodeDotProduct.Compute(new sbyte[64], new byte[128]));
        Assert.Throws<ArgumentException>(() => CodeDotProduct.Compute(new sbyte[65], new byte[65]));
    }
}
