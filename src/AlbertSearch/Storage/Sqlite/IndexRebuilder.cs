using System.Threading.Channels;
using AlbertSearch.Errors;
using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Builds graphs anew from the stored vectors, beside searches and writes: those that have no snapshot at the start, and those whose
/// snapshot turns out to be damaged while they are in use. Thread-safe.
/// </summary>
internal sealed class IndexRebuilder(SqliteDatabase database, IndexSnapshots snapshots, TimeProvider time, ILogger logger)
{
    private const int VectorsPerPage = 500;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly Channel<(GenerationIndex Index, RebuildingIndex Target)> _pending = Channel.CreateUnbounded<(GenerationIndex, RebuildingIndex)>();

    /// <summary>Makes the empty index that a generation's graph is built in.</summary>
    public RebuildingIndex CreateEmpty(GenerationSettings settings) =>
        new(new FlatIndex(settings.Dimension), snapshots.CreateGraph(settings));

    /// <summary>Sets the file of a damaged index aside.</summary>
    public void SetAside(GenerationIndex index, IndexFormatException error) => snapshots.SetAside(index.Generation, error);

    /// <summary>Has an index's target built in the background.</summary>
    public void Enqueue(GenerationIndex index, RebuildingIndex target) => _pending.Writer.TryWrite((index, target));

    /// <summary>Builds whatever is enqueued, one after the other, until it is canceled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _pending.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!await RunPendingAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(RetryAfter, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Builds what is enqueued now, one after the other.</summary>
    /// <returns>False when the database was in the way; the rest waits then.</returns>
    public async Task<bool> RunPendingAsync(CancellationToken cancellationToken)
    {
        while (_pending.Reader.TryRead(out var job))
        {
            try
            {
                await RebuildAsync(job.Index, job.Target, cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (job.Index.IsDisposed)
            {
                logger.LogInformation("Generation {Generation} was removed while its graph was being built.", job.Index.Generation.Key);
            }
            catch (IndexFormatException error)
            {
                job.Index.Replace(job.Target, error);
            }
            catch (StorageUnavailableException error)
            {
                logger.LogWarning("The graph of generation {Generation} can't be built now; searches are answered exactly. {Reason}", job.Index.Generation.Key, error.Message);
                Enqueue(job.Index, job.Target);
                return false;
            }
        }

        return true;
    }

    /// <summary>Fills the exact part of an index's target: it answers searches from then on.</summary>
    /// <param name="index">The index whose vectors they are; its writes reach the target already.</param>
    /// <param name="target">What is filled.</param>
    /// <param name="visited">Told of each slot, in their order; null when nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it early, by exception.</param>
    /// <exception cref="StorageUnavailableException">The database is damaged or can't be read.</exception>
    public async Task FillAsync(GenerationIndex index, RebuildingIndex target, Action<int>? visited, CancellationToken cancellationToken)
    {
        // A write that began before the target was in place may have put its vector into the old index alone: it is read when it is committed.
        await index.Writes.WaitForRunningAsync().ConfigureAwait(false);
        var ticket = index.Searches.Enter();
        try
        {
            await database.Readers.ReadAsync(
                session =>
                {
                    new StoredVectors(session, index.Generation).Read(after: -1, limit: -1, (slot, vector) =>
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        target.Fill(slot, vector);
                        visited?.Invoke(slot);
                    });
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            target.EndFilling();
        }
        finally
        {
            index.Searches.Leave(ticket);
        }
    }

    /// <summary>
    /// Reads a page of stored vectors and has it used. Until that is done none of its slots is removed from the index or used again,
    /// whatever happens to the documents meanwhile.
    /// </summary>
    /// <returns>The last slot of the page; null when there is none after <paramref name="after"/>.</returns>
    public async Task<int?> UsePageAsync(GenerationIndex index, int after, Func<IReadOnlyList<(int Slot, float[] Vector)>, Task> use, CancellationToken cancellationToken)
    {
        // What a snapshot that is taken under the ticket shows, stays in its slot until the ticket is given back.
        var ticket = index.Searches.Enter();
        try
        {
            var page = await database.Readers.ReadAsync(
                session =>
                {
                    var vectors = new List<(int Slot, float[] Vector)>();
                    new StoredVectors(session, index.Generation).Read(after, VectorsPerPage, (slot, vector) => vectors.Add((slot, vector.ToArray())));
                    return vectors;
                },
                cancellationToken).ConfigureAwait(false);
            await use(page).ConfigureAwait(false);
            return page.Count == 0 ? null : page[^1].Slot;
        }
        finally
        {
            index.Searches.Leave(ticket);
        }
    }

    private async Task RebuildAsync(GenerationIndex index, RebuildingIndex target, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (!target.IsFilled)
        {
            await index.CloseReplacedAsync().ConfigureAwait(false);
            await FillAsync(index, target, visited: null, cancellationToken).ConfigureAwait(false);
        }

        logger.LogInformation("Building the graph of generation {Generation} from {Count} vectors; searches are answered exactly meanwhile.", index.Generation.Key, target.Count);

        // Half of the processors: queries and new documents want theirs.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2), CancellationToken = cancellationToken };
        for (int? after = -1; after is { } last && index.Index == target;)
        {
            after = await UsePageAsync(
                index,
                last,
                page => Parallel.ForEachAsync(
                    page,
                    parallel,
                    (entry, _) =>
                    {
                        target.Build(entry.Slot, entry.Vector);
                        return ValueTask.CompletedTask;
                    }),
                cancellationToken).ConfigureAwait(false);
        }

        if (index.Index == target)
        {
            await target.SwitchAsync(index.Searches.WaitForRunningAsync).ConfigureAwait(false);
            index.AddChanges(target.Count);
            logger.LogInformation("Built the graph of generation {Generation} in {Seconds:0.0} s.", index.Generation.Key, time.GetElapsedTime(started).TotalSeconds);
        }
    }
}
