namespace AlbertSearch.Embeddings.Tokenization;

/// <summary>Opens the tokenizer of a Hugging Face model folder.</summary>
public static class TokenizerLoader
{
    /// <summary>Loads <c>spiece.model</c> (SentencePiece) or else <c>vocab.txt</c> (WordPiece), with the flags of <c>tokenizer_config.json</c> where there is one.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or asks for something that is not supported.</exception>
    public static ITokenizer Load(string folder) => throw new NotImplementedException();
}
