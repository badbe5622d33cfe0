using System.Runtime.ExceptionServices;

namespace AlbertSearch.Embeddings.Albert;

/// <summary>
/// The engine's own, fixed threads and the two queues they serve: everything interactive before anything bulk, each in the order of its coming.
/// Allocates nothing after warm-up.
/// </summary>
internal sealed class EncoderScheduler : IDisposable
{
    // A monitor and not a Lock, because threads wait on it.
    private readonly object _gate = new();
    private readonly List<EncoderJob>[] _jobs = [[], []];
    private readonly List<EncoderCrew>[] _crews = [[], []];
    private readonly Stack<EncoderJob> _spareJobs = [];
    private readonly EncoderWorker[] _workers;
    private readonly Thread[] _threads;
    private volatile int _interactiveOpen;
    private int _callers;
    private bool _stopping;

    public EncoderScheduler(PackedModel model, int threads)
    {
        _workers = [.. Enumerable.Range(0, threads).Select(_ => new EncoderWorker(model, this, threads))];
        _threads = [.. _workers.Select((worker, i) => new Thread(worker.Run) { IsBackground = true, Name = $"AlbertSearch encoder {i + 1}" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Called by a worker thread after each layer, with its number; for tests of the order of work.</summary>
    public Action<BatchPriority, int>? LayerFinished { get; set; }

    /// <summary>Jobs that wait for a thread.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _jobs[0].Count + _jobs[1].Count;
            }
        }
    }

    /// <summary>Runs a batch and waits for it.</summary>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled before the last layer.</exception>
    public void Run(RaggedBatch batch, EncoderOutputs outputs, BatchPriority priority, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        EncoderJob job;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, typeof(AlbertEngine));
            if (!_spareJobs.TryPop(out job!))
            {
                job = new EncoderJob(this);
            }

            _callers++;
            job.Begin(batch, outputs, priority, _threads.Length, cancellationToken);
            _jobs[(int)priority].Add(job);
            CountInteractive();
            Monitor.PulseAll(_gate);
        }

        using var registration = cancellationToken.UnsafeRegister(static state => ((EncoderJob)state!).Withdraw(), job);
        bool canceled;
        Exception? error;
        lock (_gate)
        {
            while (job.Unfinished > 0)
            {
                Monitor.Wait(_gate);
            }

            (canceled, error) = (job.Canceled, job.Error);
        }

        // After this the callback can't run any more, so that the job may serve another caller.
        registration.Dispose();
        lock (_gate)
        {
            job.End();
            _spareJobs.Push(job);
            _callers--;
            Monitor.PulseAll(_gate);
        }

        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        if (canceled)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Worker: waits for something to do.</summary>
    /// <returns>False when the engine is being disposed.</returns>
    public bool WaitForWork(out EncoderWork work)
    {
        lock (_gate)
        {
            while (true)
            {
                if (TryTake(BatchPriority.Interactive, out work) || TryTake(BatchPriority.Bulk, out work))
                {
                    return true;
                }

                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Worker: takes interactive work, if there is any; one read when there is none.</summary>
    public bool TryTakeInteractive(out EncoderWork work)
    {
        work = default;
        if (_interactiveOpen == 0)
        {
            return false;
        }

        lock (_gate)
        {
            return TryTake(BatchPriority.Interactive, out work);
        }
    }

    /// <summary>Leader: asks for helpers.</summary>
    public void Open(EncoderCrew crew, BatchPriority priority)
    {
        lock (_gate)
        {
            _crews[(int)priority].Add(crew);
            CountInteractive();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Leader: needs no more helpers.</summary>
    public void Close(EncoderCrew crew, BatchPriority priority)
    {
        lock (_gate)
        {
            _crews[(int)priority].Remove(crew);
            CountInteractive();
        }
    }

    /// <summary>Worker: a slice is finished, broken off or failed.</summary>
    public void Finish(EncoderJob job, bool canceled, Exception? error)
    {
        lock (_gate)
        {
            job.Canceled |= canceled;
            job.Error ??= error;
            job.Unfinished--;
            if (canceled || error is not null)
            {
                DropSlicesLeft(job);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes a job's remaining slices out of the queue.</summary>
    public void Withdraw(EncoderJob job)
    {
        lock (_gate)
        {
            if (job.SlicesLeft > 0)
            {
                job.Canceled = true;
                DropSlicesLeft(job);
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Finishes the work that was asked for and ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
            while (_callers > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }

    private bool TryTake(BatchPriority priority, out EncoderWork work)
    {
        var jobs = _jobs[(int)priority];
        if (jobs.Count > 0)
        {
            var job = jobs[0];
            var (first, end) = job.TakeSlice();
            work = new EncoderWork(priority, job, first, end, Crew: null);
            if (job.SlicesLeft == 0)
            {
                jobs.RemoveAt(0);
                CountInteractive();
            }

            return true;
        }

        foreach (var crew in _crews[(int)priority])
        {
            if (!crew.HasEnded)
            {
                work = new EncoderWork(priority, Job: null, 0, 0, crew);
                return true;
            }
        }

        work = default;
        return false;
    }

    private void DropSlicesLeft(EncoderJob job)
    {
        if (job.SlicesLeft > 0)
        {
            job.DropSlicesLeft();
            _jobs[(int)job.Priority].Remove(job);
            CountInteractive();
        }
    }

    private void CountInteractive() => _interactiveOpen = _jobs[(int)BatchPriority.Interactive].Count + _crews[(int)BatchPriority.Interactive].Count;
}
