using System.Buffers;

namespace AlbertSearch.Indexing;

/// <summary>
/// Hands out a search in steps. The first step searches for a few more than it was asked for; when they are used up, a wider search
/// takes over and what was handed out is skipped, so that the memory held grows with what is read and not with the index.
/// </summary>
internal sealed class WideningCursor : IVectorSearchCursor
{
    private const int FirstWidth = 64;

    private readonly IVectorIndex _index;
    private readonly float[] _query;
    private readonly VectorSearchParameters _parameters;
    private readonly HashSet<int> _returned = [];
    private Neighbor[] _found = [];
    private int _foundCount;
    private int _next;
    private bool _exhausted;

    /// <summary>Makes a cursor before the first neighbour.</summary>
    public WideningCursor(IVectorIndex index, ReadOnlySpan<float> query, VectorSearchParameters parameters)
    {
        _index = index;
        _query = query.ToArray();
        _parameters = parameters;
    }

    /// <inheritdoc />
    public int ReadNext(Span<Neighbor> results, CancellationToken cancellationToken = default)
    {
        var written = 0;
        while (written < results.Length)
        {
            if (_next == _foundCount)
            {
                if (_exhausted)
                {
                    break;
                }

                Widen(results.Length - written, cancellationToken);
                continue;
            }

            var neighbor = _found[_next++];
            if (_returned.Add(neighbor.Slot))
            {
                results[written++] = neighbor;
            }
        }

        return written;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Return();
        _foundCount = _next = 0;
        _exhausted = true;
    }

    private void Widen(int wanted, CancellationToken cancellationToken)
    {
        var width = (int)Math.Min(Array.MaxLength, Math.Max(FirstWidth, 4L * (_returned.Count + wanted)));
        Return();
        _found = ArrayPool<Neighbor>.Shared.Rent(width);

        // A search that fails leaves nothing to read.
        _next = _foundCount = 0;
        _foundCount = _index.Search(_query, _parameters, _found.AsSpan(0, width), cancellationToken);
        _exhausted = _foundCount < width;
    }

    private void Return()
    {
        if (_found.Length > 0)
        {
            ArrayPool<Neighbor>.Shared.Return(_found);
            _found = [];
        }
    }
}
