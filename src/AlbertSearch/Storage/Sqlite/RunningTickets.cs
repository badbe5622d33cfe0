namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Knows which calls of a kind run, searches or writes, so that what they may still rely on is taken away only when they have ended.
/// Thread-safe.
/// </summary>
internal sealed class RunningTickets
{
    private readonly Lock _lock = new();
    private readonly SortedSet<long> _running = [];
    private readonly Queue<(long Before, TaskCompletionSource Ended)> _waiting = new();
    private long _next;

    /// <summary>Marks the beginning of a call.</summary>
    /// <returns>The ticket to give to <see cref="Leave"/>.</returns>
    public long Enter()
    {
        lock (_lock)
        {
            var ticket = _next++;
            _running.Add(ticket);
            return ticket;
        }
    }

    /// <summary>Marks the end of a call.</summary>
    public void Leave(long ticket)
    {
        lock (_lock)
        {
            _running.Remove(ticket);
            while (_waiting.TryPeek(out var first) && !(_running.Count > 0 && _running.Min < first.Before))
            {
                _waiting.Dequeue();
                first.Ended.SetResult();
            }
        }
    }

    /// <summary>Waits until every call that runs now has ended; later ones don't matter.</summary>
    public Task WaitForRunningAsync()
    {
        lock (_lock)
        {
            if (_running.Count == 0)
            {
                return Task.CompletedTask;
            }

            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((_next, ended));
            return ended.Task;
        }
    }
}
