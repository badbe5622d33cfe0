namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// Cuts a batch into slices of whole sequences. A slice passes all layers on one thread: threads then meet only at the end of a batch, the
/// states stay in that core's cache, and the scratch does not grow with the batch. What does not fill a slice for each thread stays whole, and
/// the threads share its matrix products instead.
/// </summary>
internal static class EncoderSlicing
{
    /// <summary>Tokens of a full slice: enough rows for the weights to be read rarely, few enough for the states to stay in cache.</summary>
    public const int FullSlice = 384;

    /// <summary>Below this many tokens a thread, threads share one slice.</summary>
    public const int LeastSlice = 96;

    // A slice this much larger than an equal share would leave the other threads idle for too long.
    private const double MostUneven = 1.3;

    /// <summary>Cuts.</summary>
    /// <param name="starts">Cumulative lengths, as in <see cref="RaggedBatch.Starts"/>.</param>
    /// <param name="threads">Threads of the engine.</param>
    /// <param name="sliceStarts">Receives the first sequence of each slice, and the number of sequences at the end.</param>
    /// <returns>Whether the only slice is to be shared by all threads.</returns>
    public static bool Cut(ReadOnlySpan<int> starts, int threads, List<int> sliceStarts)
    {
        var sequences = starts.Length - 1;
        var tokens = starts[sequences];
        var slices = Math.Max(1, (tokens + FullSlice - 1) / FullSlice);
        if (threads > 1)
        {
            if (tokens < threads * LeastSlice)
            {
                return Whole(sequences, sliceStarts);
            }

            slices = (slices + threads - 1) / threads * threads;
        }

        var largest = CutEvenly(starts, slices, sliceStarts);
        if (threads > 1 && largest > MostUneven * tokens / threads)
        {
            return Whole(sequences, sliceStarts);
        }

        return false;
    }

    private static bool Whole(int sequences, List<int> sliceStarts)
    {
        sliceStarts.Clear();
        sliceStarts.Add(0);
        sliceStarts.Add(sequences);
        return true;
    }

    // Each cut goes to the sequence boundary nearest to its share of the tokens; returns the tokens of the largest slice.
    private static int CutEvenly(ReadOnlySpan<int> starts, int slices, List<int> sliceStarts)
    {
        var sequences = starts.Length - 1;
        var tokens = starts[sequences];
        var largest = 0;
        sliceStarts.Clear();
        sliceStarts.Add(0);
        var sequence = 0;
        for (var slice = 1; slice <= slices; slice++)
        {
            var goal = (int)((long)tokens * slice / slices);
            var end = sequence;
            while (end < sequences && (starts[end + 1] <= goal || starts[end + 1] - goal < goal - starts[end]))
            {
                end++;
            }

            if (end > sequence)
            {
                largest = Math.Max(largest, starts[end] - starts[sequence]);
                sliceStarts.Add(end);
                sequence = end;
            }
        }

        return largest;
    }
}
