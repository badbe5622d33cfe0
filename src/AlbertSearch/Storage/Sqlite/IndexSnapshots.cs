using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The files that graphs are saved in, one a generation. They are a cache: what is wrong with one costs time, never data.</summary>
internal sealed class IndexSnapshots(string folder, IndexOptions options, ILogger logger)
{
    /// <summary>The parameters of graphs.</summary>
    public HnswOptions GraphOptions { get; } = new() { M = options.M, EfConstruction = options.EfConstruction, Ef = options.Ef };

    /// <summary>The file of a generation.</summary>
    public string PathOf(long generation) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"generation-{generation}.hnsw"));

    /// <summary>Loads a generation's snapshot.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="applied">The key of the last chunk that it has.</param>
    /// <returns>False when there is none that can be used.</returns>
    public bool TryLoad(Generation generation, [NotNullWhen(true)] out HnswIndex? graph, out long applied)
    {
        graph = null;
        applied = 0;
        var path = PathOf(generation.Key);
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            (graph, var info) = HnswIndex.Load(path, GraphOptions);
            applied = info.AppliedSequence;
            if (info.ModelIdentity == generation.Settings.ModelIdentity && graph.Dimension == generation.Settings.Dimension && HasParameters(graph))
            {
                return true;
            }

            logger.LogInformation("The snapshot '{Path}' was made with another model or other parameters; the graph is built anew.", path);
            graph.Dispose();
            graph = null;
            return false;
        }
        catch (IndexFormatException error)
        {
            SetAside(generation, error);
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The snapshot '{Path}' can't be read ({Reason}); the graph is built anew.", path, error.Message);
            return false;
        }
    }

    /// <summary>Saves a generation's graph. A save that fails is logged: the next start takes longer, that is all.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="applied">The key of a chunk that the graph has, with all before it.</param>
    /// <param name="cancellationToken">Ends the save early; the file is as it was.</param>
    /// <returns>Whether it was saved.</returns>
    /// <exception cref="IndexFormatException">The file that the graph was loaded from turned out to be damaged.</exception>
    public bool TrySave(Generation generation, HnswIndex graph, long applied, CancellationToken cancellationToken)
    {
        var path = PathOf(generation.Key);
        try
        {
            graph.Save(path, new IndexSnapshotInfo { ModelIdentity = generation.Settings.ModelIdentity, AppliedSequence = applied }, cancellationToken);
            logger.LogDebug("Saved the graph of generation {Generation} to '{Path}'.", generation.Key, path);
            return true;
        }
        catch (Exception error) when (error is (IOException and not IndexFormatException) or UnauthorizedAccessException)
        {
            logger.LogWarning("The graph of generation {Generation} can't be saved to '{Path}': {Reason}", generation.Key, path, error.Message);
            return false;
        }
    }

    /// <summary>Renames a damaged snapshot, so that it can be looked at and is not read again.</summary>
    public void SetAside(Generation generation, IndexFormatException error)
    {
        var path = PathOf(generation.Key);
        logger.LogWarning("The snapshot '{Path}' is damaged: {Reason} It is set aside as '{Path}.damaged', and the graph is built anew from the stored vectors.", path, error.Message, path);
        try
        {
            File.Move(path, path + ".damaged", overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The damaged snapshot '{Path}' can't be set aside: {Reason}", path, failure.Message);
        }
    }

    /// <summary>Deletes a generation's snapshot.</summary>
    public void Delete(long generation)
    {
        try
        {
            File.Delete(PathOf(generation));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The snapshot '{Path}' can't be deleted: {Reason}", PathOf(generation), error.Message);
        }
    }

    private bool HasParameters(HnswIndex graph) => graph.Options.M == options.M && graph.Options.EfConstruction == options.EfConstruction;
}
