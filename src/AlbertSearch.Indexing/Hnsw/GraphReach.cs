namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Which nodes a walk can come to from the entry point, layer by layer.</summary>
internal static class GraphReach
{
    /// <summary>
    /// Finds nodes that no path of links leads to from the entry point, on one layer of theirs or more. Writers may change lists
    /// meanwhile: then a node may be named that can be reached, or the other way round.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isLooked">Which nodes are looked at; the others only lead on.</param>
    /// <param name="cancellationToken">Ends the walk early, by exception.</param>
    /// <returns>The nodes, each once, in order.</returns>
    public static IReadOnlyList<int> Unreached(HnswGraph graph, Func<int, bool> isLooked, CancellationToken cancellationToken)
    {
        var nodes = graph.Nodes;
        var entryPoint = graph.EntryPoint;
        if (entryPoint == HnswGraph.NoNode)
        {
            return [];
        }

        var unreached = new SortedSet<int>();
        for (var layer = graph.LevelOf(entryPoint); layer >= 0; layer--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reached = Reached(graph, nodes, entryPoint, layer, cancellationToken);
            for (var node = 0; node < nodes; node++)
            {
                if (graph.LevelOf(node) >= layer && !reached.Contains(node) && isLooked(node))
                {
                    unreached.Add(node);
                }
            }
        }

        return [.. unreached];
    }

    private static SlotSet Reached(HnswGraph graph, int nodes, int entryPoint, int layer, CancellationToken cancellationToken)
    {
        var reached = new SlotSet(nodes);
        var open = new Stack<int>();
        reached.Add(entryPoint);
        open.Push(entryPoint);
        while (open.TryPop(out var node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var link in graph.Links(node, layer))
            {
                if (link == HnswGraph.NoNode)
                {
                    break;
                }

                if (link < nodes && !reached.Contains(link))
                {
                    reached.Add(link);
                    open.Push(link);
                }
            }
        }

        return reached;
    }
}
