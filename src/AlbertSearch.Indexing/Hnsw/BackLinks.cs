using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// The links from an element's neighbours to the element (Malkov &amp; Yashunin, Alg. 1, lines 12 to 16). Each list changes under its node's lock.
/// </summary>
internal sealed class BackLinks(HnswGraph graph, QuantizedVectors vectors, SlotTable slots)
{
    /// <summary>Links a neighbour back, and shrinks its list by Alg. 4 when it is full.</summary>
    /// <param name="neighbor">The neighbour, whose list grows.</param>
    /// <param name="node">The new element.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="scratch">Buffers.</param>
    public void Add(int neighbor, int node, int layer, InsertScratch scratch)
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

            Shrink(neighbor, node, layer, links, scratch);
        }
    }

    /// <summary>
    /// Alg. 1, line 15. One candidate is left out; it may be the only one's link to a node that lies apart, which no walk would come to any
    /// more. So what is left out must be linked by one that is kept, and if it is not, another one that is gives way.
    /// </summary>
    private void Shrink(int neighbor, int node, int layer, Span<int> links, InsertScratch scratch)
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
        if (count < known)
        {
            KeepReachable(candidates, selected, layer);
        }

        selected.CopyTo(links);
    }

    private void KeepReachable(ReadOnlySpan<ulong> candidates, Span<int> selected, int layer)
    {
        var leftOut = LeftOut(candidates, selected);
        if (HasDetour(leftOut, selected, layer))
        {
            return;
        }

        for (var i = candidates.Length - 1; i >= 0; i--)
        {
            var place = selected.IndexOf(Candidate.Node(candidates[i]));
            if (place >= 0 && HasDetour(selected[place], selected, layer))
            {
                selected[place] = leftOut;
                return;
            }
        }
    }

    /// <summary>The one candidate that was not selected.</summary>
    private static int LeftOut(ReadOnlySpan<ulong> candidates, ReadOnlySpan<int> selected)
    {
        var leftOut = 0;
        foreach (var key in candidates)
        {
            leftOut ^= Candidate.Node(key);
        }

        foreach (var kept in selected)
        {
            leftOut ^= kept;
        }

        return leftOut;
    }

    /// <summary>Whether one of the selected, other than itself, links to a node.</summary>
    private bool HasDetour(int node, ReadOnlySpan<int> selected, int layer)
    {
        foreach (var kept in selected)
        {
            if (kept != node && graph.Links(kept, layer).Contains(node))
            {
                return true;
            }
        }

        return false;
    }
}
