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
        if (entryPoint != HnswGraph.NoNode && walkCost <= budget && TryWalk(scratch, new Allowed(slots, twins, allowed), budget, entryPoint, cancellationToken))
        {
            return true;
        }

        Scan(scratch, allowed, Math.Clamp(allowed.Count / AllowedPerKept, Math.Max(ef, LeastKept), Math.Max(ef, MostKept)), cancellationToken);
        return false;
    }

    private bool TryWalk(SearchScratch scratch, Allowed filter, int budget, int entryPoint, CancellationToken cancellationToken)
    {
        var nearest = LayerSearch.Descend(graph, vectors, scratch, entryPoint, above: 0);
        return LayerSearch.TryRun(graph, vectors, scratch, nearest, layer: 0, filter, budget, cancellationToken);
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

    /// <summary>Nodes whose slot is allowed, or perhaps that of a twin.</summary>
    private readonly struct Allowed(SlotTable slots, TwinChains twins, SlotSet allowed) : INodeFilter
    {
        public bool Accepts(int node) => (slots.IsHeld(node) && allowed.Contains(slots.SlotOf(node))) || twins.HasTwins(node);
    }
}
