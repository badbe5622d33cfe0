using System.Collections.Concurrent;
using AlbertSearch.Errors;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// The one writer. Requests that arrive while a commit is being flushed share the next one (group commit), each in its own
/// savepoint so that one that fails takes back nothing but its own changes. A request's task ends after the flush.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>Most requests that share a commit: bounds how long the first of them waits.</summary>
    private const int MaxSharedRequests = 512;

    private readonly SqliteSession _session;
    private readonly string _path;
    private readonly BlockingCollection<Request> _requests = [];
    private readonly Thread _thread;
    private bool _flushes = true;

    /// <summary>Takes over a session and starts the writer's thread.</summary>
    public SqliteWriter(SqliteSession session, string path)
    {
        _session = session;
        _path = path;
        StepPause.WatchCommits(session);
        _thread = new Thread(Run) { IsBackground = true, Name = "AlbertSearch writer" };
        _thread.Start();
    }

    /// <summary>Flushed commits; requests that share one count once.</summary>
    public long Commits { get; private set; }

    /// <summary>Runs <paramref name="work"/> in a transaction.</summary>
    /// <returns>What it returned, after the commit was flushed to the disk.</returns>
    /// <exception cref="StorageUnavailableException">The database can't be written to; nothing was changed.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default)
    {
        var request = new Request<T>(work, cancellationToken);
        Enqueue(request);
        return await request.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Runs <paramref name="work"/> in a transaction.</summary>
    public Task RunAsync(Action<SqliteSession> work, CancellationToken cancellationToken = default) =>
        RunAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a transaction that may be lost when the power fails: a lease, say, that the next start frees anyway.</summary>
    public async Task<T> RunUnflushedAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default)
    {
        var request = new Request<T>(work, cancellationToken) { Flush = false };
        Enqueue(request);
        return await request.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Runs <paramref name="work"/> between two transactions, for statements that can't be in one.</summary>
    public async Task RunAloneAsync(Action<SqliteSession> work, CancellationToken cancellationToken = default)
    {
        var request = new Request<bool>(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken)
        {
            Alone = true,
        };
        Enqueue(request);
        await request.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Finishes what was asked for, and closes the session.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        _thread.Join();
        _requests.Dispose();
        _session.Dispose();
    }

    private void Enqueue(Request request)
    {
        try
        {
            _requests.Add(request);
        }
        catch (InvalidOperationException error)
        {
            throw new StorageUnavailableException($"The database '{_path}' is being closed.", error);
        }
    }

    private void Run()
    {
        var shared = new List<Request>();
        Request? held = null;
        while (held is not null || _requests.TryTake(out held, Timeout.Infinite))
        {
            var first = held;
            held = null;
            if (first.Alone)
            {
                RunAlone(first);
                continue;
            }

            shared.Clear();
            if (!TryBegin(first, first.Flush))
            {
                continue;
            }

            RunInSavepoint(first, shared);
            while (_session.InTransaction && shared.Count < MaxSharedRequests && _requests.TryTake(out var next))
            {
                // What must be flushed doesn't join a transaction that isn't; the other way round it may.
                if (next.Alone || (next.Flush && !first.Flush))
                {
                    held = next;
                    break;
                }

                RunInSavepoint(next, shared);
            }

            Commit(shared, first.Flush);
        }
    }

    private void RunAlone(Request request)
    {
        try
        {
            request.Invoke(_session);
            request.Complete();
        }
        catch (Exception error)
        {
            request.Fail(SqliteErrors.Translate(error, _path));
        }
    }

    private bool TryBegin(Request request, bool flush)
    {
        try
        {
            if (flush != _flushes)
            {
                _session.Execute(flush ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
                _flushes = flush;
            }

            _session.Execute("BEGIN IMMEDIATE");
            return true;
        }
        catch (Exception error)
        {
            request.Fail(SqliteErrors.Translate(error, _path));
            return false;
        }
    }

    private void RunInSavepoint(Request request, List<Request> shared)
    {
        if (request.CancellationToken.IsCancellationRequested)
        {
            request.Fail(new OperationCanceledException(request.CancellationToken));
            return;
        }

        try
        {
            _session.Execute("SAVEPOINT request");
            request.Invoke(_session);
            _session.Execute("RELEASE request");
            shared.Add(request);
        }
        catch (Exception error)
        {
            var translated = SqliteErrors.Translate(error, _path);
            request.Fail(translated);
            if (!_session.InTransaction)
            {
                FailAll(shared, translated);
                return;
            }

            try
            {
                _session.Execute("ROLLBACK TO request");
                _session.Execute("RELEASE request");
            }
            catch (Exception rollbackError)
            {
                FailAll(shared, SqliteErrors.Translate(rollbackError, _path));
                RollBack();
            }
        }
    }

    private void Commit(List<Request> shared, bool flush)
    {
        if (!_session.InTransaction)
        {
            return;
        }

        try
        {
            StepPause.At(StepPause.BeforeCommit);
            _session.Execute("COMMIT");
            StepPause.At(StepPause.AfterCommit);
            Commits += flush ? 1 : 0;
        }
        catch (Exception error)
        {
            FailAll(shared, SqliteErrors.Translate(error, _path));
            RollBack();
            return;
        }

        foreach (var request in shared)
        {
            request.Complete();
        }
    }

    private void RollBack()
    {
        if (_session.InTransaction)
        {
            try
            {
                _session.Execute("ROLLBACK");
            }
            catch (Microsoft.Data.Sqlite.SqliteException) when (!_session.InTransaction)
            {
                // The error before has rolled back already: that is what was wanted.
            }
        }
    }

    private static void FailAll(List<Request> shared, Exception error)
    {
        foreach (var request in shared)
        {
            request.Fail(error);
        }

        shared.Clear();
    }

    private abstract class Request(CancellationToken cancellationToken)
    {
        public CancellationToken CancellationToken { get; } = cancellationToken;

        public bool Alone { get; init; }

        public bool Flush { get; init; } = true;

        public abstract void Invoke(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Request<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) : Request(cancellationToken)
    {
        private T? _result;

        public TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Invoke(SqliteSession session) => _result = work(session);

        public override void Complete() => Completion.TrySetResult(_result!);

        public override void Fail(Exception error)
        {
            if (error is OperationCanceledException canceled)
            {
                Completion.TrySetCanceled(canceled.CancellationToken);
            }
            else
            {
                Completion.TrySetException(error);
            }
        }
    }
}
