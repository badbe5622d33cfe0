using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The indexes of all generations that are building or live. Thread-safe.</summary>
internal sealed class GenerationIndexes(IndexRestorer restorer, IndexSnapshots snapshots) : IDisposable
{
    private readonly ConcurrentDictionary<long, (Generation Generation, GenerationIndex Index)> _indexes = new();
    private readonly ConcurrentQueue<Func<CancellationToken, Task>> _background = new();

    /// <summary>All of them.</summary>
    public ICollection<(Generation Generation, GenerationIndex Index)> All => _indexes.Values;

    /// <summary>The index of a generation, or null when it has none (any more).</summary>
    public GenerationIndex? Find(long generation) => _indexes.TryGetValue(generation, out var entry) ? entry.Index : null;

    /// <summary>Makes the empty index of a new generation.</summary>
    public void Add(Generation generation) => Put(generation, new GenerationIndex(restorer.CreateEmpty(generation.Settings)));

    /// <summary>Restores the index of a stored generation.</summary>
    public async Task RestoreAsync(Generation generation, CancellationToken cancellationToken)
    {
        var (index, background) = await restorer.RestoreAsync(generation, cancellationToken).ConfigureAwait(false);
        Put(generation, index);
        if (background is not null)
        {
            _background.Enqueue(background);
        }
    }

    /// <summary>Takes the next piece of work that a restored index needs in the background.</summary>
    public bool TryTakeBackground([NotNullWhen(true)] out Func<CancellationToken, Task>? work) => _background.TryDequeue(out work);

    /// <summary>Takes a generation's index out, closes it when its searches have ended, and deletes its snapshot.</summary>
    public async Task RemoveAsync(long generation)
    {
        if (_indexes.TryRemove(generation, out var entry))
        {
            await entry.Index.Searches.WaitForRunningAsync().ConfigureAwait(false);
            entry.Index.Dispose();
            snapshots.Delete(generation);
        }
    }

    /// <summary>Saves the graphs that have changed so much.</summary>
    /// <param name="leastChanges">Fewer changes are not worth a save.</param>
    /// <param name="applied">The key of a chunk that all graphs have, with all before it.</param>
    /// <param name="cancellationToken">Ends the saves early.</param>
    public void Save(int leastChanges, long applied, CancellationToken cancellationToken)
    {
        foreach (var (generation, index) in _indexes.Values)
        {
            var changes = index.Changes;
            if (changes >= leastChanges && index.Graph is { } graph && snapshots.TrySave(generation, graph, applied, cancellationToken))
            {
                index.SubtractChanges(changes);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (_, index) in _indexes.Values)
        {
            index.Dispose();
        }

        _indexes.Clear();
    }

    private void Put(Generation generation, GenerationIndex index)
    {
        if (!_indexes.TryAdd(generation.Key, (generation, index)))
        {
            index.Dispose();
            throw new InvalidOperationException($"Generation {generation.Key} has an index already.");
        }
    }
}
