namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// What one of the engine's threads does: takes slices and helps crews until the engine is disposed. Between two pieces of bulk work, a
/// few milliseconds each, it does the interactive work that has come meanwhile, with scratch of its own.
/// </summary>
internal sealed class EncoderWorker : IDisposable
{
    // A layer of a full slice takes some 50 ms: a query should not wait for it. More pieces would read the states from farther caches again and again.
    private const int BulkPiecesPerStage = 6;

    private readonly PackedModel _model;
    private readonly EncoderScheduler _scheduler;
    private readonly ThreadScratch[] _scratch = [new(), new()];
    private readonly EncoderPass[] _passes;
    private readonly EncoderCrew[] _crews;

    public EncoderWorker(PackedModel model, EncoderScheduler scheduler, int threads)
    {
        _model = model;
        _scheduler = scheduler;
        _passes = [new(model), new(model)];
        _crews = [new(_passes[0], threads), new(_passes[1], threads)];
    }

    /// <summary>The thread's life.</summary>
    public void Run()
    {
        while (_scheduler.WaitForWork(out var work))
        {
            Do(work);
        }
    }

    public void Dispose()
    {
        foreach (var pass in _passes)
        {
            pass.Dispose();
        }

        foreach (var scratch in _scratch)
        {
            scratch.Dispose();
        }
    }

    private void Do(EncoderWork work)
    {
        if (work.Crew is not null)
        {
            Help(work.Crew, work.Priority);
            return;
        }

        var job = work.Job!;
        try
        {
            var finished = RunSlice(job, work.FirstSequence, work.EndSequence);
            _scheduler.Finish(job, canceled: !finished, error: null);
        }
#pragma warning disable CA1031 // Whatever it is, the caller that waits for the batch gets it; the thread goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _scheduler.Finish(job, canceled: false, error);
        }
    }

    private bool RunSlice(EncoderJob job, int firstSequence, int endSequence)
    {
        var pass = _passes[(int)job.Priority];
        pass.Begin(job.Batch, job.Outputs, firstSequence, endSequence);
        if (!job.Shared)
        {
            return RunStages(job, pass, crew: null);
        }

        var crew = _crews[(int)job.Priority];
        crew.Begin();
        _scheduler.Open(crew, job.Priority);
        try
        {
            return RunStages(job, pass, crew);
        }
        finally
        {
            crew.End();
            _scheduler.Close(crew, job.Priority);
        }
    }

    private bool RunStages(EncoderJob job, EncoderPass pass, EncoderCrew? crew)
    {
        RunStage(EncoderStage.Embed, null, false, job, pass, crew);
        RunStage(EncoderStage.Map, null, false, job, pass, crew);
        var step = 0;
        foreach (var layer in _model.Steps)
        {
            if (job.CancellationToken.IsCancellationRequested)
            {
                return false;
            }

            for (var stage = EncoderStage.QuantizeHidden; stage <= EncoderStage.OutputNorm; stage++)
            {
                RunStage(stage, layer, step == _model.Steps.Length - 1, job, pass, crew);
            }

            _scheduler.LayerFinished?.Invoke(job.Priority, step);
            step++;
        }

        RunStage(EncoderStage.Gather, null, false, job, pass, crew);
        if (pass.WantsPooler)
        {
            RunStage(EncoderStage.Pool, null, false, job, pass, crew);
        }

        return true;
    }

    private void RunStage(EncoderStage stage, PackedLayer? layer, bool lastLayer, EncoderJob job, EncoderPass pass, EncoderCrew? crew)
    {
        var units = pass.Units(stage, layer, lastLayer);
        if (units == 0)
        {
            return;
        }

        var scratch = _scratch[(int)job.Priority];
        if (crew is null)
        {
            var piece = job.Priority == BatchPriority.Bulk ? (units + BulkPiecesPerStage - 1) / BulkPiecesPerStage : units;
            for (var from = 0; from < units; from += piece)
            {
                LetInteractiveGoAhead(job.Priority);
                pass.Run(stage, layer, lastLayer, from, Math.Min(from + piece, units), scratch.Reserve(pass.ThreadScratchLength()));
            }

            return;
        }

        LetInteractiveGoAhead(job.Priority);

        crew.Run(stage, layer, lastLayer, units, scratch);
        if (crew.Error is not null)
        {
            throw new InvalidOperationException($"Stage {stage} failed.", crew.Error);
        }
    }

    private void Help(EncoderCrew crew, BatchPriority priority)
    {
        var spin = default(SpinWait);
        while (!crew.HasEnded)
        {
            if (crew.TryRunRange(_scratch[(int)priority]))
            {
                spin.Reset();
                continue;
            }

            LetInteractiveGoAhead(priority);
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void LetInteractiveGoAhead(BatchPriority priority)
    {
        while (priority == BatchPriority.Bulk && _scheduler.TryTakeInteractive(out var work))
        {
            Do(work);
        }
    }
}
