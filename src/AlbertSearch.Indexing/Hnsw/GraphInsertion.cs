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

                Connect(neighbor, node, layer, scratch);
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
            search.Pool.Restart(efConstruction);
            LayerSearch.Run(graph, vectors, search, layer, CancellationToken.None);
            var candidates = LivingCandidates(node, search.Pool.Keys, scratch);
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

    private ReadOnlySpan<ulong> LivingCandidates(int node, ReadOnlySpan<ulong> keys, InsertScratch scratch)
    {
        var candidates = scratch.CandidatesFor(keys.Length);
        var count = 0;
        foreach (var key in keys)
        {
            var candidate = Candidate.Node(key);
            if (candidate != node && !slots.IsRemoved(candidate))
            {
                candidates[count++] = key;
            }
        }

        if (count == 0)
        {
            // All are tombstones: better to be found through them than not at all.
            foreach (var key in keys)
            {
                if (Candidate.Node(key) != node)
                {
                    candidates[count++] = key;
                }
            }
        }

        return candidates[..count];
    }

    /// <summary>Alg. 1, lines 12 to 16: links a neighbour back, and shrinks its list by Alg. 4 when it is full.</summary>
    private void Connect(int neighbor, int node, int layer, InsertScratch scratch)
    {
        lock (graph.LockOf(neighbor))
        {
            var links = graph.Links(neighbor, layer);
            var count = links.IndexOf(HnswGraph.NoNode);
            if (links[..(count < 0 ? links.Length : count)].Contains(node))
            {
                return;
            }

            if (count >= 0)
            {
                Volatile.Write(ref links[count], node);
                return;
            }

            Shrink(neighbor, node, links, scratch);
        }
    }

    private void Shrink(int neighbor, int node, Span<int> links, InsertScratch scratch)
    {
        var score = scratch.Neighbor;
        var candidates = scratch.CandidatesFor(links.Length + 1);
        score.Query.Set(vectors, neighbor);
        score.Query.Score(vectors, links, score.Sums, score.Scores);
        var known = 0;
        for (var i = 0; i < links.Length; i++)
        {
            if (!slots.IsRemoved(links[i]))
            {
                candidates[known++] = Candidate.Key(score.Scores[i], links[i]);
            }
        }

        candidates[known++] = Candidate.Key(score.Query.Score(vectors, node), node);
        candidates = candidates[..known];
        candidates.Sort();
        candidates.Reverse();
        var selected = scratch.Selected.AsSpan(0, links.Length);
        var count = scratch.Selection.Select(vectors, candidates, selected);
        selected[count..].Fill(HnswGraph.NoNode);
        selected.CopyTo(links);
    }
}
