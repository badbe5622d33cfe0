using System.Text.Json;
using System.Text.Unicode;

namespace AlbertSearch.Embeddings;

/// <summary>A JSON file of a model folder: of bounded size and depth, valid UTF-8, no property twice.</summary>
internal sealed class ModelJsonFile : IDisposable
{
    /// <summary>Most bytes of a file; a label map of a hundred thousand labels still fits.</summary>
    public const int MaxBytes = 8 << 20;

    private readonly JsonDocument _document;

    private ModelJsonFile(string path, JsonDocument document)
    {
        Path = path;
        _document = document;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The outermost value.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">It is missing, too large or not JSON.</exception>
    public static ModelJsonFile Read(string path)
    {
        byte[] bytes;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (stream.Length > MaxBytes)
            {
                throw new ModelFormatException(path, $"holds {stream.Length} bytes; at most {MaxBytes} are read.");
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFormatException(path, "the file is missing.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, $"can't be read: {e.Message}", e);
        }

        ReadOnlyMemory<byte> json = bytes;
        return new ModelJsonFile(path, Parse(path, "", json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json));
    }

    /// <summary>Reads a file that may be absent.</summary>
    /// <returns>Null when there is no such file.</returns>
    /// <exception cref="ModelFormatException">It is too large or not JSON.</exception>
    public static ModelJsonFile? ReadIfPresent(string path) => File.Exists(path) ? Read(path) : null;

    /// <summary>The root as an object with checked fields.</summary>
    /// <exception cref="ModelFormatException">It is something else.</exception>
    public ModelJsonObject RootObject() => new(Path, Root);

    /// <summary>Parses UTF-8 JSON strictly: no comments, no trailing commas, no property twice.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="part">What part of the file this is, for messages; empty for all of it, else ending in a space.</param>
    /// <param name="json">The text; must stay as it is while the document is used.</param>
    public static JsonDocument Parse(string path, string part, ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new ModelFormatException(path, $"{part}is not valid UTF-8.");
        }

        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A property name with half a surrogate pair escaped in it ends in InvalidOperationException.
            throw new ModelFormatException(path, $"{part}is not valid JSON: {e.Message}", e);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _document.Dispose();
}
