using System.Text.Json;

namespace AlbertSearch.Server.Configuration;

/// <summary>Finds the <c>appsettings.json</c> to go by.</summary>
internal static class SettingsFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "appsettings.json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// The folder of the settings file: the first that has one with a section <c>AlbertSearch</c>, of the working directory, the folders above it,
    /// the folder of the program, and the folders above that. So a checkout, a published folder and a data folder of one's own all work from anywhere.
    /// </summary>
    /// <param name="workingDirectory">Where the process was started.</param>
    /// <param name="programFolder">Where the program lies.</param>
    /// <returns>The folder; the working directory when there is none.</returns>
    public static string FindFolder(string workingDirectory, string programFolder)
    {
        foreach (var start in new[] { workingDirectory, programFolder })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var path = Path.Combine(folder.FullName, Name);
                if (File.Exists(path) && IsOurs(path))
                {
                    return folder.FullName;
                }
            }
        }

        return workingDirectory;
    }

    private static bool IsOurs(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var settings = JsonDocument.Parse(stream, Lenient);
            return settings.RootElement.ValueKind == JsonValueKind.Object
                && settings.RootElement.EnumerateObject().Any(section => section.Name.Equals(AlbertSearchOptions.SectionName, StringComparison.OrdinalIgnoreCase));
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{path} is not valid JSON: {error.Message}");
        }
        catch (UnauthorizedAccessException)
        {
            // Not readable for this user, so not meant for this program.
            return false;
        }
    }
}
