using AlbertSearch.Server.Configuration;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests.Configuration;

public class SettingsFileTests
{
    private const string Ours = """{ "AlbertSearch": {} }""";

    [Fact]
    public void Folder_is_the_nearest_above_the_working_directory()
    {
        using var folder = new TemporaryFolder();
        var deep = Make(folder, "a/b/c");
        Write(folder, "", Ours);
        Write(folder, "a/b", Ours);

        Assert.Equal(folder.File("a/b"), SettingsFile.FindFolder(deep, programFolder: folder.Path));
    }

    [Fact]
    public void File_of_another_program_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        var deep = Make(folder, "a/b");
        Write(folder, "a", Ours);
        Write(folder, "a/b", """{ "Logging": {} }""");

        Assert.Equal(folder.File("a"), SettingsFile.FindFolder(deep, programFolder: deep));
    }

    [Fact]
    public void Folder_of_the_program_comes_after_the_working_directory()
    {
        using var folder = new TemporaryFolder();
        using var program = new TemporaryFolder();
        Write(program, "", Ours);

        Assert.Equal(program.Path, SettingsFile.FindFolder(folder.Path, program.Path));
        Write(folder, "", Ours);
        Assert.Equal(folder.Path, SettingsFile.FindFolder(folder.Path, program.Path));
    }

    [Fact]
    public void Working_directory_stands_in_when_there_is_no_file()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(folder.Path, SettingsFile.FindFolder(folder.Path, folder.Path));
    }

    [Fact]
    public void File_with_comments_is_read()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "", """{ /* ours */ "albertsearch": {}, }""");
        var deep = Make(folder, "a");

        Assert.Equal(folder.Path, SettingsFile.FindFolder(deep, deep));
    }

    [Fact]
    public void File_that_is_not_JSON_is_named()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "", "{ nope");

        var error = Assert.Throws<ConfigurationException>(() => SettingsFile.FindFolder(folder.Path, folder.Path));

        Assert.Contains(folder.File("appsettings.json"), error.Message, StringComparison.Ordinal);
    }

    private static string Make(TemporaryFolder folder, string path) => Directory.CreateDirectory(folder.File(path)).FullName;

    private static void Write(TemporaryFolder folder, string path, string settings) => File.WriteAllText(Path.Combine(Make(folder, path), "appsettings.json"), settings);
}
