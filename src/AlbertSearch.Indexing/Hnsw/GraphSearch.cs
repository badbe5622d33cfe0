using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>Answers queries: walks the graph on codes, scores the best on the floats, and scans where that is cheaper or asked for.</summary>
internal sealed class GraphSearch(HnswGraph graph, QuantizedVectors vectors, SlotTable slots, TwinChains twins, RowLedger ledger, int defaultEf)
{
    /// <summary>A walk of width ef scores some twenty nodes for each of ef; below this multiple of ef, looking at all is as cheap and exact.</summary>
    private const int ExactBelowEf = 4;

    /// <summary>Codes put some of the nearest on the wrong side of a walk's edge: one in so many more makes up for them, as measured.</summary>
    private const int EfPerCodeError = 8;

    /// <summary>Tombstones widen a walk in proportion, up to this factor.</summary>
    private const int MostWidening = 4;

    /// <summary>√((1 + (127/64)²) / 12): the deviation of a score by codes, in units of the row's scale and the query's length.</summary>
    private const float CodeDeviation = 0.642f;

    private const float DeviationsKept = 3;

    private readonly FilteredSearch _filtered = new(graph, vectors, slots, twins);

    /// <summary>Finds the nearest held vectors, best first; fewer than there is room for only when fewer are allowed.</summary>
    public int Run(ReadOnlySpan<float> query, in VectorSearchParameters parameters, Span<Neighbor> results, SearchScratch scratch, CancellationToken cancellationToken)
    {
        var ef = Math.Max(parameters.Ef > 0 ? parameters.Ef : defaultEf, results.Length);
        if (!parameters.Exact && Math.Min(slots.Count, parameters.Allowed?.Count ?? int.MaxValue) > (long)ef * ExactBelowEf)
        {
            var moves = slots.Moves;
            var found = SearchCodes(query, ef, parameters.Allowed, results, scratch, cancellationToken);

            // A slot that was removed and inserted meanwhile may have been met in two rows.
            if (found == results.Length && (slots.Moves == moves || !NeighborHeap.HasTwice(results)))
            {
                return found;
            }
        }

        return ExactScan.Search(query, vectors.Floats, slots, graph.Nodes, parameters.Allowed, results, cancellationToken);
    }

    /// <summary>K-NN-SEARCH (Malkov &amp; Yashunin, Alg. 5) on codes; the best are scored again on the floats.</summary>
    private int SearchCodes(ReadOnlySpan<float> query, int ef, SlotSet? allowed, Span<Neighbor> results, SearchScratch scratch, CancellationToken cancellationToken)
    {
        scratch.Query.Set(query);
        var walked = true;
        if (allowed is null || allowed.Count >= graph.Nodes)
        {
            var entryPoint = graph.EntryPoint;
            scratch.Pool.Reset(Widened(ef));
            if (entryPoint != HnswGraph.NoNode)
            {
                scratch.Pool.Add(LayerSearch.Descend(graph, vectors, scratch, entryPoint, above: 0));
                LayerSearch.Run(graph, vectors, scratch, layer: 0, cancellationToken);
            }
        }
        else
        {
            walked = _filtered.Run(scratch, allowed, ef, cancellationToken);
        }

        return Rescore(query, allowed, walked, results, scratch);
    }

    /// <summary>
    /// Scores the pool's candidates on the floats, best codes first, until the codes say that no other can come in: those that remain are
    /// further off than the codes err. A code errs by s/√12 and a query's by about twice that, in each of the dimensions, independently.
    /// </summary>
    private int Rescore(ReadOnlySpan<float> query, SlotSet? allowed, bool walked, Span<Neighbor> results, SearchScratch scratch)
    {
        var best = new NeighborHeap(results);
        var deviation = CodeDeviation * MathF.Sqrt(DotProduct.Compute(query, query));
        foreach (var key in scratch.Pool.Keys)
        {
            var node = Candidate.Node(key);

            // What hangs on another is found with it. A list names a twin only when it is older than the twin, or forged.
            if (walked && twins.RepresentativeOf(node) >= 0)
            {
                continue;
            }

            if (!best.MayEnter(Candidate.Score(key) + (DeviationsKept * deviation * vectors.Scale(node))))
            {
                break;
            }

            if (ExactScan.TryScore(query, vectors.Floats, slots, node, out var neighbor) && allowed?.Contains(neighbor.Slot) != false)
            {
                best.Offer(neighbor);
            }

            if (walked && twins.HasTwins(node))
            {
                twins.Offer(query, node, DotProduct.Compute(query, vectors.Floats[node]), allowed, ref best);
            }
        }

        return best.SortBestFirst();
    }

    /// <summary>The width of a walk on codes, tombstones among them, that finds what one of width ef would on floats and held vectors alone.</summary>
    private int Widened(int ef)
    {
        var width = ef + (ef / EfPerCodeError);
        var held = Math.Max(1, slots.Count);
        return (int)Math.Min((long)MostWidening * ef, (long)width * (held + ledger.Tombstones) / held);
    }
}
