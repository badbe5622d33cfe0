namespace AlbertSearch.Embeddings.Tokenization.SentencePiece;

/// <summary>The working memory of one call. Not thread-safe.</summary>
internal sealed class SentencePieceScratch(UnigramVocabulary vocabulary)
{
    // Beyond this a scratch is left to the garbage collector: one huge word must not keep its memory for ever.
    private const int LargestKept = 1 << 20;

    /// <summary>A word, or a text, as UTF-8.</summary>
    public MappedBuffer<byte> Source { get; } = new();

    /// <summary>Normalized bytes that are not segmented yet.</summary>
    public MappedBuffer<byte> Normalized { get; } = new();

    /// <summary>Segments <see cref="Normalized"/>.</summary>
    public UnigramLattice Lattice { get; } = new(vocabulary);

    /// <summary>Digits before a comma, as UTF-8.</summary>
    public MappedBuffer<byte> DigitSource { get; } = new();

    /// <summary>Digits before a comma, normalized.</summary>
    public MappedBuffer<byte> DigitNormalized { get; } = new();

    /// <summary>Segments <see cref="DigitNormalized"/>.</summary>
    public UnigramLattice DigitLattice { get; } = new(vocabulary);

    /// <summary>True when the scratch is small enough to be kept for the next call.</summary>
    public bool IsKept => Math.Max(Math.Max(Source.Capacity, Normalized.Capacity), Math.Max(DigitSource.Capacity, DigitNormalized.Capacity)) <= LargestKept;

    /// <summary>Forgets all text.</summary>
    public void Clear()
    {
        Source.Truncate(0);
        Normalized.Truncate(0);
        DigitSource.Truncate(0);
        DigitNormalized.Truncate(0);
    }
}
