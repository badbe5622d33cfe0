namespace AlbertSearch.Embeddings.Albert;

/// <summary>A batch on its way through the engine, cut into slices of whole sequences. Reused; guarded by the scheduler's lock where not said otherwise.</summary>
internal sealed class EncoderJob(EncoderScheduler scheduler)
{
    private readonly List<int> _sliceStarts = [];
    private int _nextSlice;

    /// <summary>The batch; read-only while the job runs.</summary>
    public RaggedBatch Batch { get; private set; } = new();

    /// <summary>Where the states go.</summary>
    public EncoderOutputs Outputs { get; private set; }

    /// <summary>Who waits.</summary>
    public BatchPriority Priority { get; private set; }

    /// <summary>Looked at between layers, by any thread.</summary>
    public CancellationToken CancellationToken { get; private set; }

    /// <summary>Whether all threads work on one slice together, because there are not enough tokens to give each thread a slice of its own.</summary>
    public bool Shared { get; private set; }

    /// <summary>Slices that no thread has taken.</summary>
    public int SlicesLeft => SliceCount - _nextSlice;

    /// <summary>Number of slices.</summary>
    public int SliceCount => _sliceStarts.Count - 1;

    /// <summary>Slices that are not finished.</summary>
    public int Unfinished { get; set; }

    /// <summary>Whether a slice was left out or broken off because of the cancellation token.</summary>
    public bool Canceled { get; set; }

    /// <summary>What went wrong in a worker thread.</summary>
    public Exception? Error { get; set; }

    /// <summary>Takes on a batch.</summary>
    public void Begin(RaggedBatch batch, EncoderOutputs outputs, BatchPriority priority, int threads, CancellationToken cancellationToken)
    {
        Batch = batch;
        Outputs = outputs;
        Priority = priority;
        CancellationToken = cancellationToken;
        Shared = EncoderSlicing.Cut(batch.Starts, threads, _sliceStarts);
        Unfinished = SliceCount;
        Canceled = false;
        Error = null;
        _nextSlice = 0;
    }

    /// <summary>Takes the next slice: its first sequence and one past its last.</summary>
    public (int First, int End) TakeSlice()
    {
        var slice = _nextSlice++;
        return (_sliceStarts[slice], _sliceStarts[slice + 1]);
    }

    /// <summary>Takes the remaining slices out of the queue; any thread.</summary>
    public void Withdraw() => scheduler.Withdraw(this);

    /// <summary>Leaves out the slices that no thread has taken.</summary>
    public void DropSlicesLeft()
    {
        Unfinished -= SlicesLeft;
        _nextSlice = SliceCount;
    }

    /// <summary>Forgets the caller's objects.</summary>
    public void End()
    {
        Outputs = default;
        CancellationToken = default;
    }
}
