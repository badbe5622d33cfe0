using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// The layers of links, apart from the vectors: a node is the number of a row. A list of links has a fixed length, holds nodes and ends at
/// <see cref="NoNode"/> or when it is full. Readers take no lock: a list that is being rewritten shows them old and new links mixed,
/// all of them nodes. Writers take the node's lock for a list and take turns for <see cref="AddNode"/>.
/// </summary>
internal sealed class HnswGraph : IDisposable
{
    /// <summary>The end of a list; also the entry point of an empty graph.</summary>
    public const int NoNode = -1;

    private const int LockStripes = 1024;

    private readonly ChunkedArray<int> _upperStart = new();
    private readonly ChunkedArray<byte> _levels = new();
    private readonly LevelGenerator _generator;
    private readonly Lock[] _locks = [.. Enumerable.Range(0, LockStripes).Select(_ => new Lock())];
    private int _entryPoint = NoNode;
    private int _nodes;

    /// <summary>Makes an empty graph.</summary>
    public HnswGraph(HnswOptions options)
    {
        M = options.M;
        Layer0 = new RowTable<int>(2 * M, sizeof(int));
        Upper = new RowTable<int>(M, sizeof(int));
        _generator = new LevelGenerator(options.M, options.Seed);
    }

    /// <summary>Links a list above layer 0 holds; layer 0 holds twice as many.</summary>
    public int M { get; }

    /// <summary>Nodes that there are lists for, linked or not.</summary>
    public int Nodes => Volatile.Read(ref _nodes);

    /// <summary>Where searches begin: a node of the highest level, or <see cref="NoNode"/>.</summary>
    public int EntryPoint => Volatile.Read(ref _entryPoint);

    /// <summary>Lists above layer 0.</summary>
    public int UpperLists { get; private set; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes => Layer0.Bytes + Upper.Bytes + _upperStart.Bytes + _levels.Bytes;

    /// <summary>The lists of layer 0, a row a node.</summary>
    public RowTable<int> Layer0 { get; }

    /// <summary>The lists above layer 0: those of a node one after the other, nodes in order.</summary>
    public RowTable<int> Upper { get; }

    /// <summary>Where the lists of layer 0 lie.</summary>
    public RowAddresses Layer0Addresses => Layer0.Addresses;

    /// <summary>Longest list of a layer: Mmax, and Mmax0 on layer 0.</summary>
    public int MaxLinks(int layer) => layer == 0 ? 2 * M : M;

    /// <summary>The highest layer that a node is on.</summary>
    public int LevelOf(int node) => _levels.Read(node);

    /// <summary>The list of a node on a layer up to its level, whole.</summary>
    public Span<int> Links(int node, int layer) => layer == 0 ? Layer0[node] : Upper[_upperStart.Read(node) + layer - 1];

    /// <summary>The lock of a node's lists.</summary>
    public Lock LockOf(int node) => _locks[node % LockStripes];

    /// <summary>Makes the next node, with empty lists. Writers take turns.</summary>
    /// <returns>The node.</returns>
    public int AddNode()
    {
        var node = _nodes;
        var level = _generator.LevelOf(node);
        Layer0.Ensure(node);
        Layer0[node].Fill(NoNode);
        if (level > 0)
        {
            Upper.Ensure(UpperLists + level - 1);
            for (var i = 0; i < level; i++)
            {
                Upper[UpperLists + i].Fill(NoNode);
            }
        }

        _upperStart.Ensure(node) = UpperLists;
        _levels.Ensure(node) = (byte)level;
        UpperLists += level;
        Volatile.Write(ref _nodes, node + 1);
        return node;
    }

    /// <summary>Empties a node's lists. An insert that met nothing but tombstones may be linking itself to one of them: hence the lock.</summary>
    public void ClearLinks(int node)
    {
        lock (LockOf(node))
        {
            for (var layer = 0; layer <= LevelOf(node); layer++)
            {
                Links(node, layer).Fill(NoNode);
            }
        }
    }

    /// <summary>Makes a node the entry point when the graph has none or one of a lower level.</summary>
    /// <returns>Whether the graph had none.</returns>
    public bool OfferEntryPoint(int node)
    {
        while (true)
        {
            var current = EntryPoint;
            if (current != NoNode && LevelOf(current) >= LevelOf(node))
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _entryPoint, node, current) == current)
            {
                return current == NoNode;
            }
        }
    }

    /// <summary>Names another entry point, whatever its level.</summary>
    public void ReplaceEntryPoint(int node) => Volatile.Write(ref _entryPoint, node);

    /// <inheritdoc />
    public void Dispose()
    {
        Layer0.Dispose();
        Upper.Dispose();
    }
}
