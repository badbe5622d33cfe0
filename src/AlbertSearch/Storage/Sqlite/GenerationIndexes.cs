using System.Collections.Concurrent;
using AlbertSearch.Indexing;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The indexes of all generations that are building or live. Thread-safe.</summary>
internal sealed class GenerationIndexes(Func<GenerationSettings, IVectorIndex> create) : IDisposable
{
    private readonly ConcurrentDictionary<long, GenerationIndex> _indexes = new();

    /// <summary>The index of a generation, or null when it has none (any more).</summary>
    public GenerationIndex? Find(long generation) => _indexes.GetValueOrDefault(generation);

    /// <summary>Makes the empty index of a new generation.</summary>
    public GenerationIndex Add(Generation generation)
    {
        var index = new GenerationIndex(create(generation.Settings));
        if (!_indexes.TryAdd(generation.Key, index))
        {
            index.Dispose();
            throw new InvalidOperationException($"Generation {generation.Key} has an index already.");
        }

        return index;
    }

    /// <summary>Takes a generation's index out and closes it when its searches have ended.</summary>
    public async Task RemoveAsync(long generation)
    {
        if (_indexes.TryRemove(generation, out var index))
        {
            await index.Searches.WaitForRunningAsync().ConfigureAwait(false);
            index.Dispose();
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
}
