namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// One slice that several threads work on: a leader goes through the stages, whoever has time takes ranges of the current stage's units.
/// The leader never waits for a thread that has not taken anything, so helpers may come late or not at all.
/// </summary>
/// <remarks>
/// The ticket holds the stage's number above and its next free unit below. A stage's fields change only while the ticket is closed, and a range
/// is taken by exchanging the very ticket that was read before the fields, so a range always belongs to the fields it was taken with.
/// </remarks>
internal sealed class EncoderCrew
{
    private const int Closed = int.MaxValue;
    private const int Ended = int.MaxValue - 1;

    // Ranges a thread and stage: enough for a thread that comes late or is held up to leave its share to the others.
    private const int RangesPerThread = 8;

    private readonly EncoderPass _pass;
    private readonly int _threads;
    private long _ticket = Ended;
    private int _done;
    private EncoderStage _stage;
    private PackedLayer? _layer;
    private bool _lastLayer;
    private int _units;
    private int _range;
    private int _scratchLength;
    private volatile Exception? _error;

    public EncoderCrew(EncoderPass pass, int threads)
    {
        _pass = pass;
        _threads = threads;
    }

    /// <summary>What went wrong in a helper.</summary>
    public Exception? Error => _error;

    /// <summary>Whether the leader has finished the slice.</summary>
    public bool HasEnded => (int)Volatile.Read(ref _ticket) == Ended;

    /// <summary>Leader: opens the slice that the pass has begun.</summary>
    public void Begin()
    {
        _error = null;
        _scratchLength = _pass.ThreadScratchLength();
        Close(Closed);
    }

    /// <summary>Leader: computes a stage together with whoever helps.</summary>
    public void Run(EncoderStage stage, PackedLayer? layer, bool lastLayer, int units, ThreadScratch scratch)
    {
        _stage = stage;
        _layer = layer;
        _lastLayer = lastLayer;
        _units = units;
        _range = Math.Max(1, _units / (_threads * RangesPerThread));
        _done = 0;
        Interlocked.Add(ref _ticket, (1L << 32) - Closed);
        while (TryRunRange(scratch))
        {
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref _done) < _units)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        Close(Closed);
    }

    /// <summary>Leader: lets the helpers go.</summary>
    public void End() => Close(Ended);

    /// <summary>Takes a range of the current stage and computes it.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryRunRange(ThreadScratch scratch)
    {
        var ticket = Volatile.Read(ref _ticket);
        var from = (int)ticket;
        if (from >= Ended)
        {
            return false;
        }

        var stage = _stage;
        var layer = _layer;
        var lastLayer = _lastLayer;
        var units = _units;
        var range = _range;
        var scratchLength = _scratchLength;
        if (from >= units || Interlocked.CompareExchange(ref _ticket, ticket + range, ticket) != ticket)
        {
            return from < units;
        }

        var to = Math.Min(from + range, units);
        try
        {
            _pass.Run(stage, layer, lastLayer, from, to, scratch.Reserve(scratchLength));
        }
#pragma warning disable CA1031 // Whatever it is, the caller that waits for the batch gets it; the thread goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _error = error;
        }

        Interlocked.Add(ref _done, to - from);
        return true;
    }

    private void Close(int state)
    {
        var stage = Volatile.Read(ref _ticket) >> 32;
        Volatile.Write(ref _ticket, (stage << 32) | (uint)state);
    }
}
