using System.Numerics;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Searches among allowed slots. Many allowed: the graph is walked through all nodes and keeps the allowed ones. Few allowed, or far from
/// the query: their codes are scanned, which costs a fraction of scanning their floats. Either leaves candidates in the scratch's pool.
/// </summary>
internal sealed class FilteredSearch(HnswGraph graph, QuantizedVectors vectors, SlotTable slots, TwinChains twins)
{
    /// <summary>Nodes scored for each of ef in an unfiltered walk, about.</summary>
    private const int ScoredPerEf = 20;

    /// <summary>A scan keeps one in so many of the allowed, within bounds.</summary>
    private const int AllowedPerKept = 16;

    private const int LeastKept = 256;
    private const int MostKept = 4096;
    private const int ScanBatch = 32;
    private const int BatchesBetweenCancellationChecks = 64;

    /// <summary>Fills the pool with the best of the allowed.</summary>
    /// <returns>Whether they were walked to: then the pool holds nodes of the graph, whose twins may be allowed where they are not.</returns>
    public bool Run(SearchScratch scratch, SlotSet allowed, int ef, CancellationToken cancellationToken)
    {
        var held = Math.Max(1, slots.Count);
        var entryPoint = graph.EntryPoint;

        // A walk must see ef / share nodes where it saw ef; when the allowed lie away from the query it sees more, and gives up at half the price of a scan.
        var walkCost = (long)ef * ScoredPerEf * held / Math.Max(1, allowed.Count);
        var budget = allowed.Count / 2;
        scratch.Pool.Reset(ef);
        if (entryPoint != HnswGraph.NoNode && walkCost <= budget && TryWalk(scratch, allowed, ef, budget, entryPoint, cancellationToken))
        {
            return true;
        }

        Scan(scratch, allowed, Math.Clamp(allowed.Count / AllowedPerKept, Math.Max(ef, LeastKept), Math.Max(ef, MostKept)), cancellationToken);
        return false;
    }

    /// <summary>SEARCH-LAYER (Malkov &amp; Yashunin, Alg. 2) on layer 0, with a W of allowed nodes and a C of all.</summary>
    /// <returns>Whether it ended within the budget of scored nodes.</returns>
    private bool TryWalk(
        SearchScratch scratch, SlotSet allowed, int ef, int budget, int entryPoint, CancellationToken cancellationToken)
    {
        var found = scratch.Pool;
        var candidates = scratch.Heap;
        var batch = scratch.Batch;
        var visited = scratch.Visited;
        visited.Begin(graph.Nodes);
        candidates.Clear();
        var nearest = LayerSearch.Descend(graph, vectors, scratch, entryPoint, above: 0);
        visited.TryMark(Candidate.Node(nearest));
        Consider(nearest);
        var scored = 0;
        while (candidates.TryPop(out var candidate) && !(found.Count == ef && candidate < found.Keys[ef - 1]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = 0;
            foreach (var node in graph.Links(Candidate.Node(candidate), layer: 0))
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
                Consider(Candidate.Key(scratch.Scores[i], batch[i]));
            }
        }

        return true;

        void Consider(ulong key)
        {
            if (found.Count < ef || key > found.Keys[ef - 1])
            {
                candidates.Push(key);
                var node = Candidate.Node(key);
                if ((slots.IsHeld(node) && allowed.Contains(slots.SlotOf(node))) || twins.HasTwins(node))
                {
                    found.Add(key);
                }
            }
        }
    }

    /// <summary>Scores the codes of every allowed slot.</summary>
    /// <param name="scratch">The query is set.</param>
    /// <param name="allowed">The allowed slots.</param>
    /// <param name="kept">
    /// How many are kept for scoring on the floats: many, because the allowed may all lie where the codes can't tell them apart.
    /// </param>
    /// <param name="cancellationToken">Ends the scan early, by exception.</param>
    private void Scan(SearchScratch scratch, SlotSet allowed, int kept, CancellationToken cancellationToken)
    {
        // The furthest on top: complements of keys, in a heap of the greatest.
        var found = scratch.Heap;
        found.Clear();
        Span<int> batch = stackalloc int[ScanBatch];
        Span<int> sums = stackalloc int[ScanBatch];
        Span<float> scores = stackalloc float[ScanBatch];
        var count = 0;
        var batches = 0;
        var words = allowed.Words;
        for (var word = 0; word < words.Length; word++)
        {
            for (var bits = words[word]; bits != 0; bits &= bits - 1)
            {
                var row = slots.RowOf((word << 6) + BitOperations.TrailingZeroCount(bits));
                if (row < 0)
                {
                    continue;
                }

                batch[count++] = row;
                if (count == ScanBatch)
                {
                    if (batches++ % BatchesBetweenCancellationChecks == 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                    }

                    Flush(batch, sums, scores);
                    count = 0;
                }
            }
        }

        Flush(batch[..count], sums, scores);
        scratch.Pool.Reset(found.Count);
        while (found.TryPop(out var complement))
        {
            scratch.Pool.AddFront(~complement);
        }

        void Flush(ReadOnlySpan<int> rows, Span<int> sums, Span<float> scores)
        {
            scratch.Query.Score(vectors, rows, sums, scores);
            for (var i = 0; i < rows.Length; i++)
            {
                var complement = ~Candidate.Key(scores[i], rows[i]);
                if (found.Count < kept)
                {
                    found.Push(complement);
                }
                else if (complement < found.Top)
                {
                    found.TryPop(out _);
                    found.Push(complement);
                }
            }
        }
    }
}
