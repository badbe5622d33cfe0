namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Opens the tokenizer of a Hugging Face model folder.</summary>
public static class TokenizerLoader
{
    private const string SentencePieceFile = "spiece.model";
    private const string WordPieceFile = "vocab.txt";
    private const string ConfigFile = "tokenizer_config.json";

    /// <summary>
    /// Loads <c>spiece.model</c> (SentencePiece) or <c>vocab.txt</c> (WordPiece), with the flags of
    /// <c>tokenizer_config.json</c> where there is one. A folder with both is read as its <c>tokenizer_class</c> says.
    /// </summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or asks for something that is not supported.</exception>
    public static ITokenizer Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var sentencePiece = Path.Combine(folder, SentencePieceFile);
        var wordPiece = Path.Combine(folder, WordPieceFile);
        var config = Path.Combine(folder, ConfigFile);
        return (File.Exists(sentencePiece), File.Exists(wordPiece)) switch
        {
            (true, true) when TokenizerConfig.Load(config).TokenizerClass is "BertTokenizer" or "BertTokenizerFast" => WordPieceTokenizer.Load(wordPiece, config),
            (true, _) => SentencePieceTokenizer.Load(sentencePiece, config),
            (false, true) => WordPieceTokenizer.Load(wordPiece, config),
            _ => throw new ModelFormatException(folder, $"it holds no tokenizer; expected {SentencePieceFile} or {WordPieceFile}."),
        };
    }
}
