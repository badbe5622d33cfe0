using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// INSERT (Malkov &amp; Yashunin, Alg. 1). Several threads insert at once: a list changes under its node's lock, and an element's own lists are
/// whole before the first other list names it, lowest layer first, so that no walk that enters it ends there.
/// </summary>
internal sealed class GraphInsertion(HnswGraph graph, QuantizedVectors vectors, SlotTable slots, int efConstruction)
{
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

        graph.OfferEntryPoint(node);
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
            var links = graph.Links(node, layer);
            var count = scratch.Selection.Select(vectors, candidates, links[..graph.M]);
            links[count..].Fill(HnswGraph.NoNode);
        }
    }

    private ReadOnlySpan<ulong> LivingCandidates(int node, ReadOnlySpan<ulong> keys, InsertScratch scratch)
    {
        if (scratch.Candidates.Length < keys.Length)
        {
            scratch.Candidates = new ulong[keys.Length];
        }

        var count = 0;
        foreach (var key in keys)
        {
            var candidate = Candidate.Node(key);
            if (candidate != node && slots.IsHeld(candidate))
            {
                scratch.Candidates[count++] = key;
            }
        }

        if (count == 0)
        {
            // All are tombstones: better to be found through them than not at all.
            foreach (var key in keys)
            {
                if (Candidate.Node(key) != node)
                {
                    scratch.Candidates[count++] = key;
                }
            }
        }

        return scratch.Candidates.AsSpan(0, count);
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
        var candidates = scratch.Candidates.AsSpan(0, links.Length + 1);
        score.Query.Set(vectors, neighbor);
        score.Query.Score(vectors, links, score.Sums, score.Scores);
        for (var i = 0; i < links.Length; i++)
        {
            candidates[i] = Candidate.Key(score.Scores[i], links[i]);
        }

        candidates[links.Length] = Candidate.Key(score.Query.Score(vectors, node), node);
        candidates.Sort();
        candidates.Reverse();
        var selected = scratch.Selected.AsSpan(0, links.Length);
        var count = scratch.Selection.Select(vectors, candidates, selected);
        selected[count..].Fill(HnswGraph.NoNode);
        selected.CopyTo(links);
    }
}
