using AlbertSearch.Indexing.Memory;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Memory;

public sealed class MappedBlockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OpenPrivate_writes_stay_in_memory_and_outlive_the_file()
    {
        var path = _folder.File("data");
        var bytes = Enumerable.Range(0, 10_000).Select(i => (byte)i).ToArray();
        File.WriteAllBytes(path, bytes);
        MappedBlock block;
        using (var file = File.OpenRead(path))
        {
            block = MappedBlock.OpenPrivate(file, 4096, 5_000);
            Assert.Throws<ArgumentOutOfRangeException>(() => MappedBlock.OpenPrivate(file, 4096, 6_000));
        }

        using (block)
        {
            Assert.Equal(bytes[4096..9096], block.Slice<byte>(0, 5_000).ToArray());
            block.Slice<byte>(7, 1)[0] ^= 0xFF;
            Assert.Equal(bytes, File.ReadAllBytes(path));
            File.Delete(path);
            Assert.Equal((byte)~bytes[4103], block.Slice<byte>(7, 1)[0]);
            Assert.Throws<ArgumentOutOfRangeException>(() => block.Slice<byte>(4_999, 2).Length);
        }
    }

    [Fact]
    public void CreateScratch_is_zero_and_gone_afterwards()
    {
        using (var block = MappedBlock.CreateScratch(_folder.Path, 100_000))
        {
            Assert.Equal(-1, block.Slice<byte>(0, 100_000).IndexOfAnyExcept((byte)0));
            block.Slice<int>(99_996, 1)[0] = 5;
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
