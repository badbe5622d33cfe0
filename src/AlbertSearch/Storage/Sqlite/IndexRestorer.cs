using AlbertSearch.Errors;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Brings a generation's index up at the start: from its snapshot and what the tables have beyond it, or else from the stored vectors alone.
/// A graph that lacks many vectors is completed in the background, while searches are answered exactly.
/// </summary>
internal sealed class IndexRestorer(SqliteDatabase database, IndexSnapshots snapshots, IndexRebuilder rebuilder, ILogger logger)
{
    // Up to so many vectors are put into a graph before the first search: it takes about half a second.
    private const int BuiltAtOnce = 1_000;

    /// <summary>Makes the empty index of a new generation.</summary>
    public GenerationIndex CreateEmpty(Generation generation) => snapshots.OptionsOf(generation.Settings).Kind == IndexOptions.Flat
        ? new GenerationIndex(generation, new FlatIndex(generation.Settings.Dimension))
        : new GenerationIndex(generation, snapshots.CreateGraph(generation.Settings), rebuilder);

    /// <summary>Restores a generation's index. A large graph without a snapshot is left to the rebuilder; the index answers exactly meanwhile.</summary>
    /// <exception cref="StorageUnavailableException">The database is damaged or can't be read.</exception>
    public async Task<GenerationIndex> RestoreAsync(Generation generation, CancellationToken cancellationToken)
    {
        if (snapshots.OptionsOf(generation.Settings).Kind == IndexOptions.Hnsw)
        {
            if (await snapshots.LoadAsync(generation, cancellationToken).ConfigureAwait(false) is var (graph, applied))
            {
                try
                {
                    return await ReplayAsync(generation, graph, applied, cancellationToken).ConfigureAwait(false);
                }
                catch (IndexFormatException error)
                {
                    graph.Dispose();
                    snapshots.SetAside(generation, error);
                }
                catch
                {
                    graph.Dispose();
                    throw;
                }
            }

            if (generation.Chunks > BuiltAtOnce)
            {
                return await StartRebuildAsync(generation, graph: null, cancellationToken).ConfigureAwait(false);
            }
        }

        return await FillAsync(CreateEmpty(generation), cancellationToken).ConfigureAwait(false);
    }

    // A graph that has some of the vectors already gets the others.
    private async Task<GenerationIndex> StartRebuildAsync(Generation generation, HnswIndex? graph, CancellationToken cancellationToken)
    {
        var target = graph is null ? rebuilder.CreateEmpty(generation.Settings) : new RebuildingIndex(new FlatIndex(graph.Dimension), graph);
        var index = new GenerationIndex(generation, target, rebuilder);
        try
        {
            await rebuilder.FillAsync(index, target, index.Reserve, cancellationToken).ConfigureAwait(false);
            rebuilder.Enqueue(index, target);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private async Task<GenerationIndex> FillAsync(GenerationIndex index, CancellationToken cancellationToken)
    {
        try
        {
            await database.Readers.ReadAsync(
                session =>
                {
                    new StoredVectors(session, index.Generation).Read(after: -1, limit: -1, (slot, vector) =>
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        index.Index.Insert(slot, vector);
                        index.Reserve(slot);
                    });
                    return true;
                },
                cancellationToken).ConfigureAwait(false);

            // No snapshot has them.
            index.AddChanges(index.Index.Count);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private async Task<GenerationIndex> ReplayAsync(Generation generation, HnswIndex graph, long applied, CancellationToken cancellationToken)
    {
        var index = new GenerationIndex(generation, graph, rebuilder);
        var missing = await database.Readers.ReadAsync(session => RemoveStale(session, index, graph, applied, cancellationToken), cancellationToken).ConfigureAwait(false);
        logger.LogInformation("Loaded the graph of generation {Generation}: {Count} vectors; {Missing} are newer than the snapshot.", generation.Key, graph.Count, missing.Count);
        if (missing.Count > BuiltAtOnce)
        {
            return await StartRebuildAsync(generation, graph, cancellationToken).ConfigureAwait(false);
        }

        await database.Readers.ReadAsync(
            session =>
            {
                var stored = new StoredVectors(session, generation);
                foreach (var slot in missing)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    graph.Insert(slot, stored.Read(slot));
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
        index.AddChanges(missing.Count);
        return index;
    }

    /// <summary>Takes what is not in the database any more out of a graph, and reserves the slots that are.</summary>
    /// <returns>Slots whose vectors the graph has not, or not those of now.</returns>
    private static List<int> RemoveStale(SqliteSession session, GenerationIndex index, HnswIndex graph, long applied, CancellationToken cancellationToken)
    {
        var present = new SlotSet(graph.Count);
        var missing = new List<int>();
        using (var reader = session.Query("SELECT key, slot FROM chunks INDEXED BY chunks_place WHERE generation = $1 ORDER BY slot", index.Generation.Key))
        {
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var slot = reader.GetInt32(1);
                present.Add(slot);
                index.Reserve(slot);
                if (reader.GetInt64(0) > applied || !graph.Contains(slot))
                {
                    // The snapshot may have the slot's vector of before.
                    graph.Remove(slot);
                    missing.Add(slot);
                }
            }
        }

        for (var slot = 0; graph.Count > present.Count - missing.Count; slot++)
        {
            if (!present.Contains(slot))
            {
                graph.Remove(slot);
            }
        }

        return missing;
    }
}
