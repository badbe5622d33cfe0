using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// The tokens of several sequences, one after the other, without padding: sequence i holds the rows
/// [Starts[i], Starts[i + 1]). Reusable; not thread-safe while it is filled.
/// </summary>
public sealed class RaggedBatch
{
    private readonly List<int> _starts = [0];
    private readonly List<int> _ids = [];
    private readonly List<int> _segmentIds = [];

    /// <summary>Number of sequences.</summary>
    public int Count => _starts.Count - 1;

    /// <summary>Number of tokens of all sequences.</summary>
    public int TokenCount => _ids.Count;

    /// <summary>Cumulative lengths: Count + 1 entries, the first 0, the last <see cref="TokenCount"/>.</summary>
    public ReadOnlySpan<int> Starts => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_starts);

    /// <summary>Token ids.</summary>
    public ReadOnlySpan<int> Ids => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids);

    /// <summary>Segment (token type) ids.</summary>
    public ReadOnlySpan<int> SegmentIds => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_segmentIds);

    /// <summary>Appends a sequence.</summary>
    /// <exception cref="ArgumentException">It has no tokens.</exception>
    public void Add(TokenSequence sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (sequence.Count == 0)
        {
            throw new ArgumentException("A sequence needs at least one token.", nameof(sequence));
        }

        _ids.AddRange(sequence.Ids);
        _segmentIds.AddRange(sequence.SegmentIds);
        _starts.Add(_ids.Count);
    }

    /// <summary>Appends a sequence of ids with one segment.</summary>
    /// <exception cref="ArgumentException">It has no tokens, or the two spans differ in length.</exception>
    public void Add(ReadOnlySpan<int> ids, ReadOnlySpan<int> segmentIds)
    {
        if (ids.IsEmpty || ids.Length != segmentIds.Length)
        {
            throw new ArgumentException($"A sequence needs at least one token and as many segment ids; got {ids.Length} and {segmentIds.Length}.", nameof(ids));
        }

        _ids.AddRange(ids);
        _segmentIds.AddRange(segmentIds);
        _starts.Add(_ids.Count);
    }

    /// <summary>Forgets all sequences and keeps the memory.</summary>
    public void Clear()
    {
        _ids.Clear();
        _segmentIds.Clear();
        _starts.Clear();
        _starts.Add(0);
    }
}
