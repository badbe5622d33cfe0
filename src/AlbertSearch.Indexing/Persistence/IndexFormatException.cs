namespace AlbertSearch.Indexing.Persistence;

/// <summary>An index file is not one, is of another version, or is damaged. The index is a cache: set the file aside and build it anew.</summary>
public sealed class IndexFormatException : IOException
{
    /// <summary>Names the file and what is wrong with it.</summary>
    public IndexFormatException(string path, string defect)
        : base($"The index file '{path}' can't be used: {defect}.")
    {
        Path = path;
        Defect = defect;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it.</summary>
    public string Defect { get; }
}
