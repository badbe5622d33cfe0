namespace AlbertSearch.Embeddings;

/// <summary>A model folder or one of its files can't be used; the message says which file, where in it, and what was expected.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file or folder at fault.</param>
    /// <param name="problem">What is wrong, where, and what was expected.</param>
    /// <param name="innerException">The cause, when there is one.</param>
    public ModelFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}", innerException)
    {
        Path = path;
    }

    /// <summary>The file or folder at fault.</summary>
    public string Path { get; }
}
