using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Vectors that equal another, or all but equal it, hang on that one as twins and stay out of the graph: a thousand copies of one text would
/// fill each other's lists, and a walk that came among them would not get out. A search that finds the representative looks at its twins.
/// Chains change under the representative's lock; readers follow them without, and are bounded by the number of rows.
/// </summary>
internal sealed class TwinChains(HnswGraph graph, QuantizedVectors vectors, SlotTable slots)
{
    /// <summary>Twins are at most this share of the vector's length apart: what rounding in another batch does to the same text, and less than codes can tell.</summary>
    private const float Radius = 1e-3f;

    private const int None = -1;

    private readonly Lock _changing = new();
    private readonly ChunkedArray<int> _representative = new(None);
    private readonly ChunkedArray<int> _first = new(None);
    private readonly ChunkedArray<int> _next = new(None);
    private readonly ChunkedArray<bool> _identical = new();
    private int _twins;

    /// <summary>Twins in all chains.</summary>
    public int Count => Volatile.Read(ref _twins);

    /// <summary>Bytes allocated.</summary>
    public long Bytes => _representative.Bytes + _first.Bytes + _next.Bytes + _identical.Bytes;

    /// <summary>The row that a row is a twin of, or -1.</summary>
    public int RepresentativeOf(int row) => _representative.Read(row);

    /// <summary>Whether twins hang on a row.</summary>
    public bool HasTwins(int row) => _first.Read(row) != None;

    /// <summary>Whether a twin's floats are its representative's, bit by bit.</summary>
    public bool IsIdentical(int twin) => _identical.Read(twin);

    /// <summary>Hangs a row on a living node that it all but equals.</summary>
    /// <param name="row">A row that is in no chain, not a representative and not linked.</param>
    /// <param name="node">A node of the graph.</param>
    /// <returns>Whether it did.</returns>
    public bool TryAttach(int row, int node)
    {
        var vector = vectors.Floats[row];
        var other = vectors.Floats[node];
        var length = DotProduct.Compute(vector, vector);
        if (!(SquaredDistance.Compute(vector, other) <= Radius * Radius * length))
        {
            return false;
        }

        lock (graph.LockOf(node))
        {
            if (slots.IsRemoved(node))
            {
                return false;
            }

            Attach(row, node, vector.SequenceEqual(other));
            return true;
        }
    }

    /// <summary>Hangs a row on a node. Under the node's lock, or while nobody else has the index.</summary>
    public void Attach(int row, int node, bool identical)
    {
        lock (_changing)
        {
            _first.Ensure(node);
            _representative.Ensure(row) = node;
            _identical.Ensure(row) = identical;
            _next.Ensure(row) = _first[node];
            Volatile.Write(ref _first[node], row);
            _twins++;
        }
    }

    /// <summary>Scores a node's twins on the floats.</summary>
    /// <param name="query">The query.</param>
    /// <param name="node">The node.</param>
    /// <param name="nodeScore">Its score.</param>
    /// <param name="allowed">Slots that may be found; null for all.</param>
    /// <param name="best">Takes what is found.</param>
    public void Offer(ReadOnlySpan<float> query, int node, float nodeScore, SlotSet? allowed, ref NeighborHeap best)
    {
        var left = graph.Nodes;
        for (var twin = _first.Read(node); twin != None && left-- > 0; twin = _next.Read(twin))
        {
            while (slots.TryBeginRead(twin, out var slot, out var stamp))
            {
                var score = IsIdentical(twin) ? nodeScore : DotProduct.Compute(query, vectors.Floats[twin]);
                var belongs = RepresentativeOf(twin) == node;
                if (slots.IsUnchanged(twin, stamp))
                {
                    if (belongs && allowed?.Contains(slot) != false)
                    {
                        best.Offer(new Neighbor(slot, score));
                    }

                    break;
                }
            }
        }
    }

    /// <summary>Takes a node's twins off it.</summary>
    public List<int> Take(int node)
    {
        var taken = new List<int>();
        lock (graph.LockOf(node))
        {
            lock (_changing)
            {
                for (var twin = _first.Read(node); twin != None; twin = _next.Read(twin))
                {
                    taken.Add(twin);
                    _representative[twin] = None;
                    _twins--;
                }

                if (taken.Count > 0)
                {
                    Volatile.Write(ref _first[node], None);
                }
            }
        }

        return taken;
    }

    /// <summary>Hangs twins on the node again that they were taken off.</summary>
    public void PutBack(int node, IReadOnlyList<int> taken)
    {
        foreach (var twin in taken)
        {
            lock (graph.LockOf(node))
            {
                Attach(twin, node, IsIdentical(twin));
            }
        }
    }

    /// <summary>Takes removed twins off a node.</summary>
    public void Prune(int node)
    {
        lock (graph.LockOf(node))
        {
            lock (_changing)
            {
                var previous = None;
                for (var twin = _first.Read(node); twin != None; twin = _next.Read(twin))
                {
                    if (!slots.IsRemoved(twin))
                    {
                        previous = twin;
                        continue;
                    }

                    _representative[twin] = None;
                    _twins--;
                    Volatile.Write(ref previous == None ? ref _first[node] : ref _next[previous], _next.Read(twin));
                }
            }
        }
    }
}
