using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// INSERT (Malkov &amp; Yashunin, Alg. 1). Several threads insert at once: a list changes under its node's lock, and an element's own lists are
/// whole before the first other list names it, lowest layer first, so that no walk that enters it ends there.
/// </summary>
internal sealed class GraphInsertion(HnswGraph graph, QuantizedVectors vectors, SlotTable slots, TwinChains twins, int efConstruction)
{
    /// <summary>Nearest by codes that are compared on the floats: codes can't tell the very nearest apart.</summary>
    private const int TwinLooks = 3;

    /// <summary>A walk that finds less than one living node in so many goes on until it has found its width of them.</summary>
    private const int FoundPerLiving = 4;

    private readonly BackLinks _backLinks = new(graph, vectors, slots);

    /// <summary>Finds neighbours for a node whose vector is written, and links it with them.</summary>
    /// <param name="node">The node; its lists are empty.</param>
    /// <param name="vector">Its vector.</param>
    /// <param name="scratch">Buffers.</param>
    public void Link(int node, ReadOnlySpan<float> vector, InsertScratch scratch)
    {
        if (graph.EntryPoint == HnswGraph.NoNode && graph.OfferEntryPoint(node))
        {
            return;
        }

        scratch.Search.Query.Set(vector);
        FindNeighbors(node, scratch);
        if (IsTwin(node, scratch))
        {
            graph.ClearLinks(node);
            return;
        }

        ConnectBack(node, scratch);
        graph.OfferEntryPoint(node);
    }

    /// <summary>Whether one of the nearest all but equals the node, which hangs on it then.</summary>
    private bool IsTwin(int node, InsertScratch scratch)
    {
        var looks = TwinLooks;
        foreach (var key in scratch.Search.Pool.Keys)
        {
            var candidate = Candidate.Node(key);
            if (candidate != node && !slots.IsRemoved(candidate))
            {
                if (twins.TryAttach(node, candidate))
                {
                    return true;
                }

                if (--looks == 0)
                {
                    break;
                }
            }
        }

        return false;
    }

    /// <summary>Chooses the neighbours of a linked node anew, as if it were inserted now.</summary>
    public void Relink(int node, InsertScratch scratch)
    {
        scratch.Search.Query.Set(vectors, node);
        FindNeighbors(node, scratch);
        ConnectBack(node, scratch);
    }

    /// <summary>Alg. 4 among given nodes.</summary>
    /// <param name="node">The element.</param>
    /// <param name="among">Candidates, none twice and not the element.</param>
    /// <param name="most">Most that are wanted.</param>
    /// <param name="scratch">Its <see cref="InsertScratch.Selected"/> takes what is selected.</param>
    /// <returns>How many were selected.</returns>
    public int SelectAmong(int node, IReadOnlyList<int> among, int most, InsertScratch scratch)
    {
        var candidates = scratch.CandidatesFor(among.Count);
        scratch.Neighbor.Query.Set(vectors, node);
        for (var i = 0; i < among.Count; i++)
        {
            candidates[i] = Candidate.Key(scratch.Neighbor.Query.Score(vectors, among[i]), among[i]);
        }

        candidates.Sort();
        candidates.Reverse();
        return scratch.Selection.Select(vectors, candidates, scratch.Selected.AsSpan(0, most));
    }

    private void ConnectBack(int node, InsertScratch scratch)
    {
        // What is read through a link to the node is written before the link.
        Volatile.WriteBarrier();
        for (var layer = 0; layer <= graph.LevelOf(node); layer++)
        {
            foreach (var neighbor in graph.Links(node, layer))
            {
                if (neighbor == HnswGraph.NoNode)
                {
                    break;
                }

                _backLinks.Add(neighbor, node, layer, scratch);
            }
        }
    }

    /// <summary>Alg. 1, lines 5 to 11 and 17: searches from the top and writes the node's own lists.</summary>
    private void FindNeighbors(int node, InsertScratch scratch)
    {
        var search = scratch.Search;
        var entryPoint = graph.EntryPoint;
        var level = graph.LevelOf(node);
        var nearest = LayerSearch.Descend(graph, vectors, search, entryPoint, above: level);
        search.Pool.Reset(1);
        search.Pool.Add(nearest);
        for (var layer = Math.Min(level, graph.LevelOf(entryPoint)); layer >= 0; layer--)
        {
            var candidates = FindCandidates(node, layer, scratch);
            var selected = scratch.Selected.AsSpan(0, graph.M);
            var count = scratch.Selection.Select(vectors, candidates, selected);
            lock (graph.LockOf(node))
            {
                var links = graph.Links(node, layer);
                selected[..count].CopyTo(links);
                links[count..].Fill(HnswGraph.NoNode);
            }
        }
    }

    /// <summary>
    /// The nearest on a layer that were not removed. A repair takes tombstones away: an element that has links to them alone would be lost
    /// with them. So where they crowd out the others, the walk goes through them and on until it has found enough of the others.
    /// </summary>
    private ReadOnlySpan<ulong> FindCandidates(int node, int layer, InsertScratch scratch)
    {
        var search = scratch.Search;
        search.Pool.Restart(efConstruction);
        LayerSearch.Run(graph, vectors, search, layer, CancellationToken.None);
        var filter = new Living(slots, node);
        var living = Copy(search.Pool.Keys, filter, scratch);
        if (living.Length >= Math.Min(search.Pool.Count - 1, efConstruction / FoundPerLiving))
        {
            return living;
        }

        var nearest = search.Pool.Keys[0];
        search.Pool.Reset(efConstruction);
        LayerSearch.TryRun(graph, vectors, search, nearest, layer, filter, budget: int.MaxValue, CancellationToken.None);
        if (search.Pool.Count > 0)
        {
            return Copy(search.Pool.Keys, filter, scratch);
        }

        // Nothing but tombstones: better to be found through one of them than not at all.
        search.Pool.Add(nearest);
        var last = scratch.CandidatesFor(1);
        last[0] = nearest;
        return last[..(Candidate.Node(nearest) == node ? 0 : 1)];
    }

    private static ReadOnlySpan<ulong> Copy(ReadOnlySpan<ulong> keys, Living filter, InsertScratch scratch)
    {
        var copies = scratch.CandidatesFor(keys.Length);
        var count = 0;
        foreach (var key in keys)
        {
            if (filter.Accepts(Candidate.Node(key)))
            {
                copies[count++] = key;
            }
        }

        return copies[..count];
    }

    /// <summary>What an element may be linked with.</summary>
    private readonly struct Living(SlotTable slots, int element) : INodeFilter
    {
        public bool Accepts(int node) => node != element && !slots.IsRemoved(node);
    }
}
