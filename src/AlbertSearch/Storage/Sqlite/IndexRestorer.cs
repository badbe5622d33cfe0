using AlbertSearch.Errors;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Brings a generation's index up at the start: from its snapshot and what the tables have beyond it, or else from the stored vectors alone.
/// A graph that must be built anew is built in the background, while searches are answered exactly.
/// </summary>
internal sealed class IndexRestorer(SqliteDatabase database, IndexSnapshots snapshots, TimeProvider time, ILogger logger)
{
    private const int VectorsPerRead = 500;

    // Up to here a graph is built before the first search: it takes about a second.
    private const int BuiltAtOnce = 2_000;

    /// <summary>Makes the empty index of a new generation.</summary>
    public IVectorIndex CreateEmpty(GenerationSettings settings) =>
        settings.Index.Kind == IndexOptions.Flat ? new FlatIndex(settings.Dimension) : new HnswIndex(settings.Dimension, snapshots.GraphOptions);

    /// <summary>Restores a generation's index.</summary>
    /// <returns>The index, and what is still to be done for it in the background; null when nothing is.</returns>
    /// <exception cref="StorageUnavailableException">The database is damaged or can't be read.</exception>
    public async Task<(GenerationIndex Index, Func<CancellationToken, Task>? Background)> RestoreAsync(Generation generation, CancellationToken cancellationToken)
    {
        if (generation.Settings.Index.Kind == IndexOptions.Flat)
        {
            return (await FillAsync(generation, new FlatIndex(generation.Settings.Dimension), cancellationToken).ConfigureAwait(false), null);
        }

        if (snapshots.TryLoad(generation, out var graph, out var applied))
        {
            try
            {
                return (await ReplayAsync(generation, graph, applied, cancellationToken).ConfigureAwait(false), null);
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

        var empty = new HnswIndex(generation.Settings.Dimension, snapshots.GraphOptions);
        if (generation.Chunks <= BuiltAtOnce)
        {
            return (await FillAsync(generation, empty, cancellationToken).ConfigureAwait(false), null);
        }

        var rebuilding = new RebuildingIndex(new FlatIndex(generation.Settings.Dimension), empty);
        var index = await FillAsync(generation, rebuilding, cancellationToken).ConfigureAwait(false);
        return (index, stopping => BuildAsync(generation, rebuilding, index, stopping));
    }

    private async Task<GenerationIndex> FillAsync(Generation generation, IVectorIndex empty, CancellationToken cancellationToken)
    {
        var index = new GenerationIndex(empty);
        try
        {
            var insert = empty is RebuildingIndex rebuilding ? (InsertVector)rebuilding.InsertExact : empty.Insert;
            await database.Readers.ReadAsync(
                session =>
                {
                    ReadVectors(session, generation, after: -1, limit: -1, (slot, vector) =>
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        insert(slot, vector);
                        index.Reserve(slot);
                    });
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
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
        var index = new GenerationIndex(graph);
        var replayed = await database.Readers.ReadAsync(
            session =>
            {
                var present = new SlotSet(graph.Count);
                var missing = new List<int>();
                using (var reader = session.Query("SELECT key, slot FROM chunks INDEXED BY chunks_place WHERE generation = $1 ORDER BY slot", generation.Key))
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

                foreach (var slot in missing)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    ReadVectors(session, generation, after: slot - 1, limit: 1, (_, vector) => graph.Insert(slot, vector));
                }

                return missing.Count;
            },
            cancellationToken).ConfigureAwait(false);
        logger.LogInformation("Restored the graph of generation {Generation}: {Count} vectors, {Replayed} of them newer than the snapshot.", generation.Key, graph.Count, replayed);
        return index;
    }

    private async Task BuildAsync(Generation generation, RebuildingIndex rebuilding, GenerationIndex index, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        logger.LogInformation("Building the graph of generation {Generation} from {Count} vectors; searches are answered exactly meanwhile.", generation.Key, rebuilding.Count);
        var after = -1;
        while (true)
        {
            var page = await database.Readers.ReadAsync(
                session =>
                {
                    var vectors = new List<(int Slot, float[] Vector)>(VectorsPerRead);
                    ReadVectors(session, generation, after, VectorsPerRead, (slot, vector) => vectors.Add((slot, vector.ToArray())));
                    return vectors;
                },
                cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
            {
                break;
            }

            // Half of the processors: queries and new documents want theirs.
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2), CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                page,
                parallel,
                (entry, _) =>
                {
                    rebuilding.Build(entry.Slot, entry.Vector);
                    return ValueTask.CompletedTask;
                }).ConfigureAwait(false);
            after = page[^1].Slot;
        }

        await rebuilding.SwitchAsync(index.Searches.WaitForRunningAsync).ConfigureAwait(false);
        logger.LogInformation("Built the graph of generation {Generation} in {Seconds:0.0} s.", generation.Key, time.GetElapsedTime(started).TotalSeconds);
    }

    private static void ReadVectors(SqliteSession session, Generation generation, int after, int limit, InsertVector take)
    {
        var vector = new float[generation.Settings.Dimension];
        using var reader = session.Query("SELECT slot, vector FROM chunks WHERE generation = $1 AND slot > $2 ORDER BY slot LIMIT $3", generation.Key, after, limit);
        while (reader.Read())
        {
            var slot = reader.GetInt32(0);
            if (!VectorBlob.TryRead(raw.sqlite3_column_blob(reader.Handle, 1), vector))
            {
                throw new StorageUnavailableException(
                    $"The database is damaged: the vector in slot {slot} of generation {generation.Key} has not the {generation.Settings.Dimension} floats of its model. Restore the database from a copy.");
            }

            take(slot, vector);
        }
    }

    private delegate void InsertVector(int slot, ReadOnlySpan<float> vector);
}
