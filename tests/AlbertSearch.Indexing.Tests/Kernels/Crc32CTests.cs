using System.Text;
using AlbertSearch.Indexing.Kernels;

namespace AlbertSearch.Indexing.Tests.Kernels;

public class Crc32CTests
{
    [Fact]
    public void Append_check_string_gives_the_published_value() =>
        Assert.Equal(0xE306_9283u, Crc32C.Append(0, Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void Append_in_parts_equals_scalar_in_one()
    {
        var bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        for (var cut = 0; cut < 40; cut++)
        {
            Assert.Equal(Crc32C.AppendScalar(0, bytes), Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }
}
