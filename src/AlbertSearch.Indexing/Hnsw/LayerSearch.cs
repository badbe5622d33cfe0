using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>SEARCH-LAYER (Malkov &amp; Yashunin, Alg. 2), on codes.</summary>
internal static class LayerSearch
{
    private const int ExpansionsBetweenCancellationChecks = 256;

    /// <summary>The walk through the layers above one, with ef = 1 (Alg. 5, lines 4 to 6).</summary>
    /// <param name="graph">A graph that is not empty.</param>
    /// <param name="vectors">Its vectors.</param>
    /// <param name="scratch">The query is set.</param>
    /// <param name="entryPoint">Where to begin.</param>
    /// <param name="above">The walk ends above this layer.</param>
    /// <returns>The nearest node that was found, with its score.</returns>
    public static ulong Descend(HnswGraph graph, QuantizedVectors vectors, SearchScratch scratch, int entryPoint, int above)
    {
        var best = Candidate.Key(scratch.Query.Score(vectors, entryPoint), entryPoint);
        for (var layer = graph.LevelOf(entryPoint); layer > above; layer--)
        {
            for (var moved = true; moved;)
            {
                moved = false;
                var count = 0;
                foreach (var node in graph.Links(Candidate.Node(best), layer))
                {
                    if (node == HnswGraph.NoNode)
                    {
                        break;
                    }

                    scratch.Batch[count++] = node;
                }

                scratch.Query.Score(vectors, scratch.Batch.AsSpan(0, count), scratch.Sums, scratch.Scores);
                for (var i = 0; i < count; i++)
                {
                    var key = Candidate.Key(scratch.Scores[i], scratch.Batch[i]);
                    if (key > best)
                    {
                        best = key;
                        moved = true;
                    }
                }
            }
        }

        return best;
    }

    /// <summary>
    /// Widens the pool's candidates, which are the entry points, to the nearest nodes of the layer. The pool's width is ef.
    /// </summary>
    public static void Run(HnswGraph graph, QuantizedVectors vectors, SearchScratch scratch, int layer, CancellationToken cancellationToken)
    {
        var pool = scratch.Pool;
        var visited = scratch.Visited;
        var batch = scratch.Batch;
        var layer0 = graph.Layer0Addresses;
        visited.Begin(graph.Nodes);
        foreach (var key in pool.Keys)
        {
            visited.TryMark(Candidate.Node(key));
        }

        for (var expansions = 1; pool.TryExpandNearest(out var nearest); expansions++)
        {
            if (expansions % ExpansionsBetweenCancellationChecks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            // Most often the second best comes next: its list is fetched while the codes of this one's links are multiplied.
            var second = pool.PeekNearest();
            if (layer == 0 && (uint)second < (uint)layer0.Capacity)
            {
                Prefetch.Row(layer0[second], layer0.Stride);
            }

            var count = 0;
            foreach (var node in graph.Links(nearest, layer))
            {
                if (node == HnswGraph.NoNode)
                {
                    break;
                }

                if (visited.TryMark(node))
                {
                    batch[count++] = node;
                }
            }

            scratch.Query.Score(vectors, batch.AsSpan(0, count), scratch.Sums, scratch.Scores);
            for (var i = 0; i < count; i++)
            {
                pool.Add(Candidate.Key(scratch.Scores[i], batch[i]));
            }
        }
    }

    /// <summary>
    /// The same with a W of accepted nodes and a C of all: what is not accepted is walked through. The scratch's pool, which is empty, takes W;
    /// its width is ef.
    /// </summary>
    /// <param name="graph">A graph that is not empty.</param>
    /// <param name="vectors">Its vectors.</param>
    /// <param name="scratch">The query is set.</param>
    /// <param name="entryPoint">Where to begin, with its score.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="filter">What W may hold.</param>
    /// <param name="budget">Most nodes that are scored.</param>
    /// <param name="cancellationToken">Ends the walk early, by exception.</param>
    /// <returns>Whether it ended within the budget.</returns>
    public static bool TryRun<TFilter>(
        HnswGraph graph, QuantizedVectors vectors, SearchScratch scratch, ulong entryPoint, int layer, in TFilter filter, int budget, CancellationToken cancellationToken)
        where TFilter : struct, INodeFilter
    {
        var found = scratch.Pool;
        var candidates = scratch.Heap;
        var batch = scratch.Batch;
        var visited = scratch.Visited;
        visited.Begin(graph.Nodes);
        candidates.Clear();
        visited.TryMark(Candidate.Node(entryPoint));
        Consider(entryPoint, in filter);
        var scored = 0;
        while (candidates.TryPop(out var candidate) && found.IsWithin(candidate))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = 0;
            foreach (var node in graph.Links(Candidate.Node(candidate), layer))
            {
                if (node == HnswGraph.NoNode)
                {
                    break;
                }

                if (visited.TryMark(node))
                {
                    batch[count++] = node;
                }
            }

            scored += count;
            if (scored > budget)
            {
                return false;
            }

            scratch.Query.Score(vectors, batch.AsSpan(0, count), scratch.Sums, scratch.Scores);
            for (var i = 0; i < count; i++)
            {
                Consider(Candidate.Key(scratch.Scores[i], batch[i]), in filter);
            }
        }

        return true;

        void Consider(ulong key, in TFilter filter)
        {
            if (found.MayTake(key))
            {
                candidates.Push(key);
                if (filter.Accepts(Candidate.Node(key)))
                {
                    found.Add(key);
                }
            }
        }
    }
}
