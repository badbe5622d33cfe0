namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// The encoder in managed code: weights packed once, ragged batches, threads of its own. Allocates nothing per call after warm-up.
/// Safe for use from many threads.
/// </summary>
public sealed class AlbertEngine : IEncoderEngine
{
    private readonly PackedModel _model;
    private readonly EncoderScheduler _scheduler;

    /// <summary>Packs a checkpoint's weights for 32-bit arithmetic and starts the threads.</summary>
    /// <param name="weights">The checkpoint; not needed afterwards.</param>
    /// <param name="threads">Threads that compute, at least 1; more than there are processors is slower.</param>
    /// <exception cref="ArgumentOutOfRangeException">There would be no thread.</exception>
    public AlbertEngine(AlbertWeights weights, int threads)
        : this(weights, new AlbertEngineOptions { Threads = threads })
    {
    }

    /// <summary>Packs a checkpoint's weights and starts the threads.</summary>
    /// <param name="weights">The checkpoint; not needed afterwards.</param>
    /// <param name="options">Threads and precision.</param>
    /// <exception cref="ArgumentOutOfRangeException">There would be no thread, or the precision is not known.</exception>
    public AlbertEngine(AlbertWeights weights, AlbertEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        if (options.Precision is not (Precision.Fp32 or Precision.Int8))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Precision, "Fp32 or Int8.");
        }

        _model = new PackedModel(weights, options.Precision);
        _scheduler = new EncoderScheduler(_model, options.Threads);
    }

    /// <inheritdoc />
    public AlbertConfig Config => _model.Config;

    /// <inheritdoc />
    public bool HasPooler => _model.Pooler is not null;

    /// <summary>The threads and queues; for tests of the order of work.</summary>
    internal EncoderScheduler Scheduler => _scheduler;

    /// <inheritdoc />
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled before the last layer; the outputs hold no result.</exception>
    public void Encode(RaggedBatch batch, EncoderOutputs outputs, BatchPriority priority, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (priority is not (BatchPriority.Interactive or BatchPriority.Bulk))
        {
            throw new ArgumentOutOfRangeException(nameof(priority), priority, "Interactive or Bulk.");
        }

        EncoderInputCheck.Check(batch, outputs, Config, HasPooler);
        if (batch.Count > 0)
        {
            _scheduler.Run(batch, outputs, priority, cancellationToken);
        }
    }

    /// <summary>Waits for the batches that are being computed, ends the threads and gives the memory back.</summary>
    public void Dispose()
    {
        _scheduler.Dispose();
        _model.Dispose();
    }
}
