using System.Numerics;
using AlbertSearch.Indexing.Kernels;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Flat;

/// <summary>Compares a query with every vector that is allowed: the true answer, and the oracle of all others.</summary>
internal static class ExactScan
{
    private const int RowsBetweenCancellationChecks = 1024;

    /// <summary>Finds the best of the allowed rows.</summary>
    /// <param name="query">Checked floats.</param>
    /// <param name="vectors">The table of vectors.</param>
    /// <param name="slots">Which row holds which slot.</param>
    /// <param name="rows">Rows below this are looked at.</param>
    /// <param name="allowed">Slots that may be found; null for all.</param>
    /// <param name="results">Takes what is found, best first.</param>
    /// <param name="cancellationToken">Ends the scan early, by exception.</param>
    /// <returns>How many were found.</returns>
    public static int Search(
        ReadOnlySpan<float> query,
        FloatVectors vectors,
        SlotTable slots,
        int rows,
        SlotSet? allowed,
        Span<Neighbor> results,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var moves = slots.Moves;
            var best = new NeighborHeap(results);
            Run(query, vectors, slots, rows, allowed, ref best, cancellationToken);
            var found = best.SortBestFirst();

            // A slot that was removed and inserted meanwhile may have been met in two rows.
            if (slots.Moves == moves || !NeighborHeap.HasTwice(results[..found]))
            {
                return found;
            }
        }
    }

    private static void Run(
        ReadOnlySpan<float> query,
        FloatVectors vectors,
        SlotTable slots,
        int rows,
        SlotSet? allowed,
        ref NeighborHeap best,
        CancellationToken cancellationToken)
    {
        if (allowed is null || allowed.Count >= rows)
        {
            for (var row = 0; row < rows; row++)
            {
                if (row % RowsBetweenCancellationChecks == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }

                if (TryScore(query, vectors, slots, row, out var neighbor) && allowed?.Contains(neighbor.Slot) != false)
                {
                    best.Offer(neighbor);
                }
            }

            return;
        }

        var words = allowed.Words;
        for (var word = 0; word < words.Length; word++)
        {
            if (word % (RowsBetweenCancellationChecks / 64) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            for (var bits = words[word]; bits != 0; bits &= bits - 1)
            {
                var slot = (word << 6) + BitOperations.TrailingZeroCount(bits);
                var row = slots.RowOf(slot);
                if (row >= 0 && TryScore(query, vectors, slots, row, out var neighbor) && neighbor.Slot == slot)
                {
                    best.Offer(neighbor);
                }
            }
        }
    }

    /// <summary>The slot that a row holds and its dot product, read as one whole though writers run beside.</summary>
    /// <returns>Whether the row is held.</returns>
    public static bool TryScore(ReadOnlySpan<float> query, FloatVectors vectors, SlotTable slots, int row, out Neighbor neighbor)
    {
        while (slots.TryBeginRead(row, out var slot, out var stamp))
        {
            var score = DotProduct.Compute(query, vectors[row]);
            if (slots.IsUnchanged(row, stamp))
            {
                neighbor = new Neighbor(slot, score);
                return true;
            }
        }

        neighbor = default;
        return false;
    }
}
