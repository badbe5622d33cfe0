namespace AlbertSearch.Indexing.Memory;

/// <summary>
/// Counts who uses memory that garbage collection doesn't guard: what is retired is freed by the last of those who may have seen it, so
/// that nobody waits and nobody reads freed memory. Thread-safe; users take no lock.
/// </summary>
/// <param name="owner">Named in the error when it is closed.</param>
/// <param name="release">Runs once, after closing and the last exit.</param>
internal sealed class UsageGate(object owner, Action release)
{
    private readonly Lock _changing = new();
    private Generation _current = new();
    private bool _closed;

    /// <summary>Begins a use; disposing what it returns ends it.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Use Enter()
    {
        while (true)
        {
            var generation = Volatile.Read(ref _current);
            if (generation.TryEnter())
            {
                return new Use(generation);
            }

            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), owner);
        }
    }

    /// <summary>Takes memory out of use.</summary>
    /// <param name="replace">Makes memory unreachable for uses that begin later, and returns it.</param>
    /// <returns>False when the gate is closed: nothing was done.</returns>
    public bool TryRetire(Func<IReadOnlyList<MemoryBlock>> replace)
    {
        lock (_changing)
        {
            if (_closed)
            {
                return false;
            }

            var retired = replace();
            var old = _current;
            var next = new Generation();

            // The old generation is a user of the next one: its own users may see what the next one retires.
            next.TryEnter();
            Volatile.Write(ref _current, next);
            old.Close(() =>
            {
                foreach (var block in retired)
                {
                    block.Dispose();
                }

                next.Exit();
            });
            return true;
        }
    }

    /// <summary>Lets nobody in from now on. Closing twice does nothing.</summary>
    public void Close()
    {
        lock (_changing)
        {
            if (!_closed)
            {
                Volatile.Write(ref _closed, true);
                _current.Close(release);
            }
        }
    }

    /// <summary>A use that is under way. Dispose it once.</summary>
    public readonly struct Use : IDisposable
    {
        private readonly Generation _generation;

        internal Use(Generation generation) => _generation = generation;

        /// <summary>Ends the use.</summary>
        public void Dispose() => _generation.Exit();
    }

    /// <summary>Uses that began between two retirements.</summary>
    internal sealed class Generation
    {
        // One for the generation itself, until it is closed.
        private int _users = 1;
        private Action? _release;

        public bool TryEnter()
        {
            var users = Volatile.Read(ref _users);
            while (users != 0 && Volatile.Read(ref _release) is null)
            {
                var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
                if (seen == users)
                {
                    return true;
                }

                users = seen;
            }

            return false;
        }

        public void Exit()
        {
            if (Interlocked.Decrement(ref _users) == 0)
            {
                _release!();
            }
        }

        public void Close(Action release)
        {
            Volatile.Write(ref _release, release);
            Exit();
        }
    }
}
