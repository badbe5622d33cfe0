using System.Collections.Concurrent;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The indexes of all generations that are building or live. Thread-safe.</summary>
internal sealed class GenerationIndexes(IndexRestorer restorer, IndexSnapshots snapshots) : IDisposable
{
    private readonly ConcurrentDictionary<long, GenerationIndex> _indexes = new();

    /// <summary>All of them.</summary>
    public ICollection<GenerationIndex> All => _indexes.Values;

    /// <summary>The index of a generation, or null when it has none (any more).</summary>
    public GenerationIndex? Find(long generation) => _indexes.GetValueOrDefault(generation);

    /// <summary>Makes the empty index of a new generation.</summary>
    public void Add(Generation generation) => Put(restorer.CreateEmpty(generation));

    /// <summary>Restores the index of a stored generation.</summary>
    public async Task RestoreAsync(Generation generation, CancellationToken cancellationToken) =>
        Put(await restorer.RestoreAsync(generation, cancellationToken).ConfigureAwait(false));

    /// <summary>Takes a generation's index out, closes it when its searches have ended, and deletes its snapshot.</summary>
    public async Task RemoveAsync(long generation)
    {
        if (_indexes.TryRemove(generation, out var index))
        {
            await index.Searches.WaitForRunningAsync().ConfigureAwait(false);
            index.Dispose();
            snapshots.Delete(generation);
        }
    }

    /// <summary>Deletes snapshots that don't belong to this state of the database: before anything is restored.</summary>
    public Task DeleteUnlistedFilesAsync(CancellationToken cancellationToken) => snapshots.DeleteUnlistedAsync(cancellationToken);

    /// <summary>Saves the graphs that have changed so much.</summary>
    /// <param name="leastChanges">Fewer changes are not worth a save.</param>
    /// <param name="applied">The key of a chunk that was committed before the call, with all before it.</param>
    /// <param name="cancellationToken">Ends the saves early.</param>
    public async Task SaveAsync(int leastChanges, long applied, CancellationToken cancellationToken)
    {
        foreach (var index in _indexes.Values)
        {
            // The graph in place has all vectors up to the key; one that is replaced later still has them.
            var changes = index.Changes;
            var vectors = index.Index;
            if (changes < leastChanges || GenerationIndex.GraphOf(vectors) is not { } graph)
            {
                continue;
            }

            try
            {
                if (await snapshots.TrySaveAsync(index.Generation, graph, applied, cancellationToken).ConfigureAwait(false))
                {
                    index.AddChanges(-changes);
                }
            }
            catch (IndexFormatException error)
            {
                index.Replace(vectors, error);
            }
            catch (ObjectDisposedException) when (index.Index != vectors || index.IsDisposed)
            {
                // Replaced or removed a moment ago: there is nothing to save.
            }
        }
    }

    /// <summary>Replaces graphs whose own repair met damage in their files: it runs where nobody waits for it.</summary>
    public void ReplaceUnrepaired()
    {
        foreach (var index in _indexes.Values)
        {
            var vectors = index.Index;
            if (GenerationIndex.GraphOf(vectors)?.BackgroundRepair.Exception?.InnerException is IndexFormatException error)
            {
                index.Replace(vectors, error);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var index in _indexes.Values)
        {
            index.Dispose();
        }

        _indexes.Clear();
    }

    private void Put(GenerationIndex index)
    {
        if (!_indexes.TryAdd(index.Generation.Key, index))
        {
            index.Dispose();
            throw new InvalidOperationException($"Generation {index.Generation.Key} has an index already.");
        }
    }
}
