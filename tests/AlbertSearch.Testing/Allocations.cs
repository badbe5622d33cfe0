namespace AlbertSearch.Testing;

/// <summary>Measures what code allocates on the calling thread.</summary>
public static class Allocations
{
    private const int Rounds = 20;

    /// <summary>
    /// Bytes that a round allocates after a first one. The runtime itself may allocate on the thread while it still compiles what is hot:
    /// the least of some rounds is the code's own.
    /// </summary>
    public static long LeastPerRound(Action round)
    {
        ArgumentNullException.ThrowIfNull(round);
        round();
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
