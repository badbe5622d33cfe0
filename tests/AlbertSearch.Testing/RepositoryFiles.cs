namespace AlbertSearch.Testing;

/// <summary>Finds the repository's own data files from a test's output folder.</summary>
public static class RepositoryFiles
{
    /// <summary>The folder that holds <c>AlbertSearch.sln</c>.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The default model's folder.</summary>
    public static string DefaultModel => Path.Combine(Root, "models", "albertsearch-mini-v1");

    /// <summary>A file or folder of reference outputs below <c>tests/golden</c>.</summary>
    public static string Golden(string name) => Path.Combine(Root, "tests", "golden", name);

    private static string FindRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AlbertSearch.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No AlbertSearch.sln above '{start}': tests run inside a checkout.");
    }
}
