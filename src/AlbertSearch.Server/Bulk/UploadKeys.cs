using System.Collections.Concurrent;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Bulk;

/// <summary>
/// The idempotency keys of the bulk bodies that are coming in. A body that comes again meanwhile waits for the first one: only then is
/// known what it is to be answered with. Thread-safe.
/// </summary>
internal sealed class UploadKeys(TimeProvider time)
{
    /// <summary>How long a request waits for another with its key.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Hold> _held = new(StringComparer.Ordinal);

    /// <summary>Takes a key as soon as no other request has it.</summary>
    /// <param name="key">The key; null for none, which is free at all times.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Gives the key back when it is disposed of.</returns>
    /// <exception cref="ProblemException">Another request has the key for longer than <see cref="LongestWait"/>.</exception>
    public async Task<IDisposable> TakeAsync(string? key, CancellationToken cancellationToken)
    {
        var hold = new Hold(_held, key);
        var start = time.GetTimestamp();
        while (key is not null && _held.GetOrAdd(key, hold) is var first && first != hold)
        {
            try
            {
                var left = LongestWait - time.GetElapsedTime(start);
                await first.Ended.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new ProblemException(ErrorCodes.Conflict, "Another upload with this Idempotency-Key is still coming in; ask again when it has ended.") { RetryAfter = LongestWait };
            }
        }

        return hold;
    }

    private sealed class Hold(ConcurrentDictionary<string, Hold> held, string? key) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Dispose()
        {
            if (key is not null)
            {
                held.TryRemove(new KeyValuePair<string, Hold>(key, this));
            }

            _ended.TrySetResult();
        }
    }
}
