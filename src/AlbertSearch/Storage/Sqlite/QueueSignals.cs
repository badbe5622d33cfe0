using System.Collections.Concurrent;
using System.Threading.Channels;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>What waiters on the queue are told: that it has work, that it has room, that an operation has ended. Thread-safe.</summary>
internal sealed class QueueSignals
{
    private readonly Channel<bool>[] _work =
        [.. Enum.GetValues<WriteLane>().Select(_ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }))];

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _endings = new(StringComparer.Ordinal);
    private TaskCompletionSource _room = NewSource();
    private long _length;

    /// <summary>Writes in the queue, those included that are being committed.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Counts writes that are about to be queued.</summary>
    /// <param name="writes">How many.</param>
    /// <param name="bound">Most writes in the queue.</param>
    /// <returns>False when they would exceed the bound; nothing was counted then.</returns>
    public bool TryReserve(long writes, long bound)
    {
        for (var length = Length; length + writes <= bound;)
        {
            var seen = Interlocked.CompareExchange(ref _length, length + writes, length);
            if (seen == length)
            {
                return true;
            }

            length = seen;
        }

        return false;
    }

    /// <summary>Counts writes that are in the queue from before.</summary>
    public void Restore(long writes) => Interlocked.Add(ref _length, writes);

    /// <summary>Counts writes that have left the queue, or never got in.</summary>
    public void Release(long writes)
    {
        Interlocked.Add(ref _length, -writes);
        Interlocked.Exchange(ref _room, NewSource()).SetResult();
    }

    /// <summary>The next time that the queue becomes shorter.</summary>
    public Task NextRoom => Volatile.Read(ref _room).Task;

    /// <summary>Says that there may be something to lease, in every lane.</summary>
    public void SignalWork()
    {
        foreach (var lane in _work)
        {
            lane.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits for <see cref="SignalWork"/>; one that came before, and that no other wait in the lane has seen, counts.</summary>
    public ValueTask<bool> WaitForWorkAsync(WriteLane lane, CancellationToken cancellationToken) => _work[(int)lane].Reader.ReadAsync(cancellationToken);

    /// <summary>A task that ends with the operation. Ask first, then look whether the operation has ended already.</summary>
    public Task EndOf(string operationId) => _endings.GetOrAdd(operationId, _ => NewSource()).Task;

    /// <summary>Says that operations have ended.</summary>
    public void End(IEnumerable<string> operationIds)
    {
        foreach (var id in operationIds)
        {
            if (_endings.TryRemove(id, out var ending))
            {
                ending.TrySetResult();
            }
        }
    }

    /// <summary>Ends all waiting for operations with an error.</summary>
    public void Fail(Exception error)
    {
        foreach (var id in _endings.Keys)
        {
            if (_endings.TryRemove(id, out var ending))
            {
                // Nobody may be waiting any more: the error is then nobody's.
                ending.TrySetException(error);
                _ = ending.Task.Exception;
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
