namespace AlbertSearch.Embeddings.Tokenization.WordPiece;

/// <summary>The working memory of one call. Not thread-safe.</summary>
internal sealed class WordPieceScratch
{
    // Beyond this a scratch is left to the garbage collector: one huge word must not keep its memory for ever.
    private const int LargestKept = 1 << 20;

    /// <summary>Code points between two spaces.</summary>
    public MappedBuffer<int> Chunk { get; } = new();

    /// <summary>The same, decomposed.</summary>
    public MappedBuffer<int> Decomposed { get; } = new();

    /// <summary>The word that is being read, between spaces and punctuation, as UTF-8; nothing beyond the longest word that is looked up.</summary>
    public MappedBuffer<byte> Word { get; } = new();

    /// <summary>Code points of the word, those beyond the longest too.</summary>
    public int WordLength { get; set; }

    /// <summary>Where the word begins in the original text.</summary>
    public int WordStart { get; set; }

    /// <summary>Where the word ends in the original text.</summary>
    public int WordEnd { get; set; }

    /// <summary>True when the scratch is small enough to be kept for the next call.</summary>
    public bool IsKept => Math.Max(Chunk.Capacity, Decomposed.Capacity) <= LargestKept;

    /// <summary>Forgets all text.</summary>
    public void Clear()
    {
        Chunk.Truncate(0);
        Decomposed.Truncate(0);
        Word.Truncate(0);
        WordLength = 0;
    }
}
