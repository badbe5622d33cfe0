using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Approximate nearest neighbours by a hierarchical navigable small world graph (Malkov &amp; Yashunin, arXiv:1603.09320), walked on 8-bit codes
/// and scored on the floats. Thread-safe; several writers insert at once, searches take no lock.
/// </summary>
public sealed class HnswIndex : IVectorIndex
{
    /// <summary>A walk of width ef scores some twenty nodes for each of ef; below this multiple of ef, looking at all is as cheap and exact.</summary>
    private const int ExactBelowEf = 4;

    /// <summary>Tombstones widen a walk in proportion, up to this factor.</summary>
    private const int MostWidening = 4;

    private readonly HnswOptions _options;
    private readonly HnswGraph _graph;
    private readonly QuantizedVectors _vectors;
    private readonly SlotTable _slots = new();
    private readonly GraphInsertion _insertion;
    private readonly ScratchPool<SearchScratch> _searchScratch;
    private readonly ScratchPool<InsertScratch> _insertScratch;
    private readonly Lock _rows = new();
    private readonly HashSet<int> _pendingSlots = [];
    private readonly Stack<int> _freeRows = new();
    private readonly UsageGate _gate;
    private int _tombstones;

    /// <summary>Makes an empty index.</summary>
    /// <param name="dimension">Floats in a vector, from 1 up.</param>
    /// <param name="options">Parameters; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension or an option is out of its range.</exception>
    public HnswIndex(int dimension, HnswOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        _options = options ?? new HnswOptions();
        _options.Validate();
        _graph = new HnswGraph(_options);
        _vectors = new QuantizedVectors(dimension, allocateFloats: null);
        _insertion = new GraphInsertion(_graph, _vectors, _slots, Math.Max(_options.EfConstruction, _options.M));
        var stride = _vectors.Codes.Stride;
        _searchScratch = new(() => new SearchScratch(_options.M, stride), 2 * Environment.ProcessorCount);
        _insertScratch = new(() => new InsertScratch(_options.M, stride), Environment.ProcessorCount);
        _gate = new UsageGate(this, Free);
    }

    /// <inheritdoc />
    public int Dimension => _vectors.Floats.Length;

    /// <inheritdoc />
    public int Count => _slots.Count;

    /// <inheritdoc />
    public void Insert(int slot, ReadOnlySpan<float> vector)
    {
        VectorArgument.Check(vector, Dimension, nameof(vector));
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        _gate.Enter();
        var scratch = _insertScratch.Rent();
        try
        {
            var row = ReserveRow(slot);
            var linked = false;
            try
            {
                _vectors.Write(row, vector);
                _insertion.Link(row, vector, scratch);
                linked = true;
            }
            finally
            {
                SettleRow(slot, row, linked);
            }
        }
        finally
        {
            _insertScratch.Return(scratch);
            _gate.Exit();
        }
    }

    /// <inheritdoc />
    public bool Remove(int slot)
    {
        _gate.Enter();
        try
        {
            lock (_rows)
            {
                if (_slots.Release(slot) < 0)
                {
                    return false;
                }

                _tombstones++;
            }

            return true;
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <inheritdoc />
    public bool Contains(int slot) => _slots.RowOf(slot) >= 0;

    /// <inheritdoc />
    public float Score(ReadOnlySpan<float> query, int slot)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        _gate.Enter();
        try
        {
            var row = _slots.RowOf(slot);
            return row >= 0 && ExactScan.TryScore(query, _vectors.Floats, _slots, row, out var neighbor) && neighbor.Slot == slot
                ? neighbor.Score
                : throw new ArgumentException($"Slot {slot} is not held.", nameof(slot));
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <inheritdoc />
    public int Search(ReadOnlySpan<float> query, in VectorSearchParameters parameters, Span<Neighbor> results, CancellationToken cancellationToken = default)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        cancellationToken.ThrowIfCancellationRequested();
        if (results.IsEmpty)
        {
            return 0;
        }

        _gate.Enter();
        var scratch = _searchScratch.Rent();
        try
        {
            var ef = Math.Max(parameters.Ef > 0 ? parameters.Ef : _options.Ef, results.Length);
            if (!parameters.Exact && parameters.Allowed is null && Count > (long)ef * ExactBelowEf)
            {
                var found = SearchGraph(query, ef, results, scratch, cancellationToken);
                if (found == results.Length)
                {
                    return found;
                }
            }

            var best = new NeighborHeap(results);
            ExactScan.Run(query, _vectors.Floats, _slots, _graph.Nodes, parameters.Allowed, ref best, cancellationToken);
            return best.SortBestFirst();
        }
        finally
        {
            _searchScratch.Return(scratch);
            _gate.Exit();
        }
    }

    /// <inheritdoc />
    public IVectorSearchCursor OpenCursor(ReadOnlySpan<float> query, in VectorSearchParameters parameters)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        return new WideningCursor(this, query, parameters);
    }

    /// <summary>Frees the memory when the searches that are under way have ended; new ones are refused.</summary>
    public void Dispose() => _gate.Close();

    /// <summary>K-NN-SEARCH (Malkov &amp; Yashunin, Alg. 5) on codes; the best are scored again on the floats.</summary>
    private int SearchGraph(ReadOnlySpan<float> query, int ef, Span<Neighbor> results, SearchScratch scratch, CancellationToken cancellationToken)
    {
        var entryPoint = _graph.EntryPoint;
        if (entryPoint == HnswGraph.NoNode)
        {
            return 0;
        }

        scratch.Query.Set(query);
        var nearest = LayerSearch.Descend(_graph, _vectors, scratch, entryPoint, above: 0);
        scratch.Pool.Reset(Widened(ef));
        scratch.Pool.Add(nearest);
        LayerSearch.Run(_graph, _vectors, scratch, layer: 0, cancellationToken);

        var best = new NeighborHeap(results);
        var wanted = Math.Min(ef, results.Length + Math.Max(results.Length / 2, 16));
        foreach (var key in scratch.Pool.Keys)
        {
            if (ExactScan.TryScore(query, _vectors.Floats, _slots, Candidate.Node(key), out var neighbor))
            {
                best.Offer(neighbor);
                if (--wanted == 0)
                {
                    break;
                }
            }
        }

        return best.SortBestFirst();
    }

    private int Widened(int ef)
    {
        var held = Math.Max(1, Count);
        return (int)Math.Min((long)MostWidening * ef, (long)ef * (held + Volatile.Read(ref _tombstones)) / held);
    }

    private int ReserveRow(int slot)
    {
        lock (_rows)
        {
            if (_slots.RowOf(slot) >= 0 || !_pendingSlots.Add(slot))
            {
                throw new ArgumentException($"Slot {slot} is held; remove it first.", nameof(slot));
            }

            try
            {
                if (!_freeRows.TryPeek(out var row))
                {
                    _vectors.Ensure(_graph.Nodes);
                    _slots.Ensure(_graph.Nodes, slot);
                    return _graph.AddNode();
                }

                _slots.Ensure(row, slot);
                return _freeRows.Pop();
            }
            catch
            {
                _pendingSlots.Remove(slot);
                throw;
            }
        }
    }

    private void SettleRow(int slot, int row, bool linked)
    {
        lock (_rows)
        {
            _pendingSlots.Remove(slot);
            if (linked)
            {
                _slots.Hold(row, slot);
            }
            else
            {
                _tombstones++;
            }
        }
    }

    private void Free()
    {
        _graph.Dispose();
        _vectors.Dispose();
    }
}
