namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Reads small files of a model folder.</summary>
internal static class ModelFile
{
    /// <summary>Reads a whole file.</summary>
    /// <exception cref="ModelFormatException">It is missing, can't be read, or is longer than <paramref name="maximumBytes"/>.</exception>
    public static byte[] ReadAllBytes(string path, long maximumBytes)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > maximumBytes)
            {
                throw new ModelFormatException(path, $"it has {length} bytes; the limit is {maximumBytes}.");
            }

            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, $"it can't be read ({exception.Message})", exception);
        }
    }
}
