namespace AlbertSearch.Indexing.Memory;

/// <summary>
/// Counts who uses memory that garbage collection doesn't guard, so that closing waits for nobody and nobody reads freed memory:
/// the last user out releases it. Thread-safe, lock-free.
/// </summary>
/// <param name="owner">Named in the error when it is closed.</param>
/// <param name="release">Runs once, after closing and the last exit.</param>
internal sealed class UsageGate(object owner, Action release)
{
    private int _users = 1;
    private int _closed;

    /// <summary>Begins a use; each is ended by <see cref="Exit"/>.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public void Enter()
    {
        var users = Volatile.Read(ref _users);
        while (true)
        {
            ObjectDisposedException.ThrowIf(users == 0 || Volatile.Read(ref _closed) != 0, owner);
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return;
            }

            users = seen;
        }
    }

    /// <summary>Ends a use.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            release();
        }
    }

    /// <summary>Lets nobody in from now on. Closing twice does nothing.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            Exit();
        }
    }
}
