using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Persistence;

public class FolderFlushTests
{
    [Fact]
    public void Flush_folder_returns_and_one_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("größe"), "");
        FolderFlush.Flush(folder.Path);
        if (!OperatingSystem.IsWindows())
        {
            var missing = Path.Combine(folder.Path, "nö");
            Assert.Contains(missing, Assert.Throws<IOException>(() => FolderFlush.Flush(missing)).Message, StringComparison.Ordinal);
        }
    }
}
