using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Tokenization;

/// <summary>A tokenizer folder that a test puts together.</summary>
internal sealed class ModelFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>The default model's tokenizer, with other flags.</summary>
    public static ModelFolder SentencePiece(string? config = null)
    {
        var folder = new ModelFolder();
        File.Copy(System.IO.Path.Combine(RepositoryFiles.DefaultModel, "spiece.model"), folder._folder.File("spiece.model"));
        return config is null ? folder : folder.With("tokenizer_config.json", config);
    }

    /// <summary>The small BERT vocabulary, with other flags.</summary>
    public static ModelFolder WordPiece(string? config = null)
    {
        var folder = new ModelFolder();
        File.Copy(RepositoryFiles.Golden("wordpiece/vocab.txt"), folder._folder.File("vocab.txt"));
        return config is null ? folder : folder.With("tokenizer_config.json", config);
    }

    public static ModelFolder Empty() => new();

    public ModelFolder With(string name, string content)
    {
        File.WriteAllText(_folder.File(name), content);
        return this;
    }

    public ModelFolder With(string name, byte[] content)
    {
        File.WriteAllBytes(_folder.File(name), content);
        return this;
    }

    public ITokenizer Load() => TokenizerLoader.Load(Path);

    public void Dispose() => _folder.Dispose();
}
