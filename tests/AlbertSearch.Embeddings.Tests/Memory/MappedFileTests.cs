using AlbertSearch.Embeddings.Memory;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Memory;

public sealed class MappedFileTests
{
    [Fact]
    public void Slice_within_the_file_gives_its_bytes_and_nothing_beyond_the_end()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("bytes");
        File.WriteAllBytes(path, [1, 2, 3, 4, 5]);
        using MappedFile file = MappedFile.Open(path);

        Assert.Equal(5, file.Length);
        Assert.Equal([2, 3], file.Slice(1, 2).ToArray());
        Assert.Equal([], file.Slice(5, 0).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(4, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(long.MaxValue, 1));
    }

    [Fact]
    public void Open_missing_file_or_folder_is_a_model_error()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<ModelFormatException>(() => MappedFile.Open(folder.File("none")));
        Assert.Throws<ModelFormatException>(() => MappedFile.Open(folder.Path));
    }

    [Fact]
    public void Dispose_twice_is_harmless_and_ends_access()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("bytes");
        File.WriteAllBytes(path, [1]);
        MappedFile file = MappedFile.Open(path);
        ReadOnlyMemory<byte> bytes = file.Slice(0, 1);
        file.Dispose();
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => bytes.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => bytes.Pin());
    }
}
