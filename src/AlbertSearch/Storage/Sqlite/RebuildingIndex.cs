using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// A graph that is being built from stored vectors, beside an exact index that is filled first: searches are answered exactly until the
/// graph is whole, and by the graph from then on. Until <see cref="IsFilled"/> it takes changes and can't be searched. Thread-safe.
/// <para>
/// Who brings stored vectors holds a search ticket from before reading them, so that none of their slots is removed or used again meanwhile.
/// </para>
/// </summary>
internal sealed class RebuildingIndex : IVectorIndex
{
    // A change is made in both indexes or, after the switch, in the graph alone; the locks let the switch wait for the changes that began before.
    private readonly Lock[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private volatile FlatIndex? _exact;
    private volatile IVectorIndex _serving;
    private volatile bool _filled;

    /// <summary>Takes over an empty exact index, and a graph that is empty or lacks some of the vectors.</summary>
    public RebuildingIndex(FlatIndex exact, HnswIndex graph)
    {
        _exact = exact;
        _serving = exact;
        Graph = graph;
    }

    /// <summary>The graph, whole or not.</summary>
    public HnswIndex Graph { get; }

    /// <summary>Whether all vectors are in the exact index, or in the graph later: whether it can be searched.</summary>
    public bool IsFilled => _filled;

    /// <summary>Whether the graph answers.</summary>
    public bool IsBuilt => _serving == Graph;

    /// <inheritdoc />
    public int Dimension => Graph.Dimension;

    /// <inheritdoc />
    public int Count => _serving.Count;

    /// <summary>Adds a stored vector to the exact index, unless it is there already.</summary>
    public void Fill(int slot, ReadOnlySpan<float> vector)
    {
        lock (TurnOf(slot))
        {
            if (_exact is { } exact && !exact.Contains(slot))
            {
                exact.Insert(slot, vector);
            }
        }
    }

    /// <summary>Lets the exact index answer from now on.</summary>
    public void EndFilling() => _filled = true;

    /// <summary>Adds a stored vector to the graph, unless it is there already.</summary>
    public void Build(int slot, ReadOnlySpan<float> vector)
    {
        lock (TurnOf(slot))
        {
            if (!Graph.Contains(slot))
            {
                Graph.Insert(slot, vector);
            }
        }
    }

    /// <summary>Lets the graph answer from now on, and frees the exact index when nobody looks at it any more.</summary>
    /// <param name="waitForSearches">Waits until every search that runs has ended.</param>
    public async Task SwitchAsync(Func<Task> waitForSearches)
    {
        _serving = Graph;
        await waitForSearches().ConfigureAwait(false);
        var exact = _exact;
        _exact = null;

        // A change that began before has its turn still.
        foreach (var turn in _turns)
        {
            lock (turn)
            {
            }
        }

        exact?.Dispose();
    }

    /// <inheritdoc />
    public void Insert(int slot, ReadOnlySpan<float> vector)
    {
        lock (TurnOf(slot))
        {
            _exact?.Insert(slot, vector);
            try
            {
                Graph.Insert(slot, vector);
            }
            catch
            {
                _exact?.Remove(slot);
                throw;
            }
        }
    }

    /// <inheritdoc />
    public bool Remove(int slot)
    {
        lock (TurnOf(slot))
        {
            var fromExact = _exact?.Remove(slot) ?? false;
            return Graph.Remove(slot) || fromExact;
        }
    }

    /// <inheritdoc />
    public bool Contains(int slot) => _serving.Contains(slot);

    /// <inheritdoc />
    public float Score(ReadOnlySpan<float> query, int slot) => _serving.Score(query, slot);

    /// <inheritdoc />
    public int Search(ReadOnlySpan<float> query, in VectorSearchParameters parameters, Span<Neighbor> results, CancellationToken cancellationToken = default) =>
        _serving.Search(query, parameters, results, cancellationToken);

    /// <inheritdoc />
    public IVectorSearchCursor OpenCursor(ReadOnlySpan<float> query, in VectorSearchParameters parameters) => _serving.OpenCursor(query, parameters);

    /// <inheritdoc />
    public void Dispose()
    {
        _exact?.Dispose();
        Graph.Dispose();
    }

    private Lock TurnOf(int slot) => _turns[slot % _turns.Length];
}
