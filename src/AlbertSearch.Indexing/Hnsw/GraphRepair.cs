using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Takes tombstones out of the graph. A list that names some is chosen anew by Alg. 4 from its living links and those of the tombstones;
/// where tombstones are so many that their surroundings say little, the node is searched for and linked as if it were new (Alg. 1). So is
/// a node that no walk comes to without the tombstones: one of few that were left of a removed topic.
/// Runs beside searches and inserts: one list at a time, under its node's lock.
/// </summary>
internal sealed class GraphRepair(HnswGraph graph, QuantizedVectors vectors, SlotTable slots, TwinChains twins, RowLedger ledger, GraphInsertion insertion, ReaderWriterLockSlim writers)
{
    private readonly HashSet<int> _seen = [];
    private readonly List<int> _candidates = [];

    /// <summary>Frees the tombstones' rows, once no list names them. Repairs take turns.</summary>
    /// <param name="scratch">Buffers.</param>
    /// <param name="cancellationToken">Ends the repair early, by exception; the graph is whole then, too.</param>
    public void Run(InsertScratch scratch, CancellationToken cancellationToken)
    {
        var rows = ledger.TakeTombstones();
        try
        {
            var dead = new SlotSet(graph.Nodes);
            foreach (var row in rows)
            {
                dead.Add(row);
            }

            ReleaseTwins(dead, scratch, cancellationToken);
            ReplaceEntryPoint(dead);
            RewriteLists(dead, anew: rows.Length >= slots.Count, scratch, cancellationToken);
            RelinkUnreached(dead, scratch, cancellationToken);
            rows = FreeUnnamed(rows, dead, scratch);
        }
        finally
        {
            ledger.GiveBack(rows);
        }
    }

    private void ReleaseTwins(SlotSet dead, InsertScratch scratch, CancellationToken cancellationToken)
    {
        for (var node = 0; node < graph.Nodes; node++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (twins.HasTwins(node))
            {
                AsWriter(() => RepairTwins(node, dead, scratch));
            }
        }
    }

    /// <param name="dead">The tombstones.</param>
    /// <param name="anew">Link nodes as if they were new.</param>
    /// <param name="scratch">Buffers.</param>
    /// <param name="cancellationToken">Ends the repair early.</param>
    private void RewriteLists(SlotSet dead, bool anew, InsertScratch scratch, CancellationToken cancellationToken)
    {
        for (var node = 0; node < graph.Nodes; node++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsLivingNode(node))
            {
                AsWriter(() => RepairNode(node, dead, anew, scratch));
            }
        }
    }

    private void RelinkUnreached(SlotSet dead, InsertScratch scratch, CancellationToken cancellationToken)
    {
        foreach (var node in GraphReach.Unreached(graph, IsLivingNode, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            AsWriter(() =>
            {
                insertion.Relink(node, scratch);
                RepairNode(node, dead, anew: false, scratch);
            });
        }
    }

    /// <summary>
    /// Ends the repair while no insert is under way: one that met nothing but tombstones has linked itself to them, perhaps after the
    /// lists were rewritten.
    /// </summary>
    /// <returns>The rows that are still needed.</returns>
    private int[] FreeUnnamed(int[] rows, SlotSet dead, InsertScratch scratch)
    {
        writers.EnterWriteLock();
        try
        {
            ReplaceEntryPoint(dead);
            foreach (var node in ledger.HeldSinceTaking())
            {
                if (IsLivingNode(node))
                {
                    RepairNode(node, dead, anew: true, scratch);
                }
            }

            Array.ForEach(rows, graph.ClearLinks);

            // A graph without a living node keeps its entry point.
            ledger.Free([.. rows.Where(row => row != graph.EntryPoint)]);
            return [.. rows.Where(row => row == graph.EntryPoint)];
        }
        finally
        {
            writers.ExitWriteLock();
        }
    }

    private bool IsLivingNode(int node) => slots.IsHeld(node) && twins.RepresentativeOf(node) < 0;

    /// <summary>A step at a time, so that a save waits for a step and not for the repair.</summary>
    private void AsWriter(Action step)
    {
        writers.EnterReadLock();
        try
        {
            step();
        }
        finally
        {
            writers.ExitReadLock();
        }
    }

    /// <summary>
    /// Takes removed twins off a node. When the node is a tombstone itself, the first of its living twins becomes a node of the graph;
    /// the others become its twins, or another's.
    /// </summary>
    private void RepairTwins(int node, SlotSet dead, InsertScratch scratch)
    {
        if (!dead.Contains(node))
        {
            twins.Prune(node);
            return;
        }

        slots.CountMove();
        var taken = twins.Take(node);
        var linked = 0;
        try
        {
            for (; linked < taken.Count; linked++)
            {
                if (!slots.IsRemoved(taken[linked]))
                {
                    insertion.Link(taken[linked], vectors.Floats[taken[linked]], scratch);
                }
            }
        }
        finally
        {
            // Those that could not be linked, because a file turned out to be damaged, stay where they can be found.
            twins.PutBack(node, taken[linked..]);
        }
    }

    /// <summary>Makes a living node of the highest level the entry point, if there is one, in place of a tombstone.</summary>
    private void ReplaceEntryPoint(SlotSet dead)
    {
        if (!dead.Contains(graph.EntryPoint))
        {
            return;
        }

        var best = HnswGraph.NoNode;
        for (var node = 0; node < graph.Nodes; node++)
        {
            if (IsLivingNode(node) && (best == HnswGraph.NoNode || graph.LevelOf(node) > graph.LevelOf(best)))
            {
                best = node;
            }
        }

        if (best != HnswGraph.NoNode)
        {
            graph.ReplaceEntryPoint(best);
        }
    }

    /// <summary>Afterwards none of the node's lists names a tombstone.</summary>
    private void RepairNode(int node, SlotSet dead, bool anew, InsertScratch scratch)
    {
        // The entry point can't be searched for: the search would begin at itself.
        if (anew && node != graph.EntryPoint && NamesAny(node, dead))
        {
            insertion.Relink(node, scratch);
        }

        for (var layer = graph.LevelOf(node); layer >= 0; layer--)
        {
            lock (graph.LockOf(node))
            {
                var links = graph.Links(node, layer);
                if (NamesAny(links, dead))
                {
                    Reselect(node, layer, links, dead, scratch);
                }
            }
        }
    }

    private bool NamesAny(int node, SlotSet dead)
    {
        for (var layer = graph.LevelOf(node); layer >= 0; layer--)
        {
            if (NamesAny(graph.Links(node, layer), dead))
            {
                return true;
            }
        }

        return false;
    }

    private static bool NamesAny(ReadOnlySpan<int> links, SlotSet dead)
    {
        foreach (var link in links)
        {
            if (link == HnswGraph.NoNode)
            {
                return false;
            }

            if (dead.Contains(link))
            {
                return true;
            }
        }

        return false;
    }

    private void Reselect(int node, int layer, Span<int> links, SlotSet dead, InsertScratch scratch)
    {
        _seen.Clear();
        _candidates.Clear();
        _seen.Add(node);
        foreach (var link in links)
        {
            if (link == HnswGraph.NoNode)
            {
                break;
            }

            Consider(link);
            if (!dead.Contains(link))
            {
                continue;
            }

            foreach (var beyond in graph.Links(link, layer))
            {
                if (beyond == HnswGraph.NoNode)
                {
                    break;
                }

                Consider(beyond);
            }
        }

        var count = insertion.SelectAmong(node, _candidates, links.Length, scratch);
        scratch.Selected.AsSpan(0, count).CopyTo(links);
        links[count..].Fill(HnswGraph.NoNode);

        void Consider(int candidate)
        {
            if (_seen.Add(candidate) && !dead.Contains(candidate) && !slots.IsRemoved(candidate) && graph.LevelOf(candidate) >= layer)
            {
                _candidates.Add(candidate);
            }
        }
    }
}
