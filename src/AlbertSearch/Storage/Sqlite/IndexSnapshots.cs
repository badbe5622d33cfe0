using System.Globalization;
using System.Text.RegularExpressions;
using AlbertSearch.Errors;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// The files that graphs are saved in. They are a cache: what is wrong with one costs time, never data.
/// <para>
/// A file has a random id, in its name and in its header, is never changed, and belongs to the states of the database that list the id:
/// the one that it was saved from and those that came of it. A new file is first written, flushed and renamed, then listed in a transaction
/// that is flushed, and only then is the old one deleted. Wherever that is cut off, the listed file is the right one or is missing.
/// So an older copy of the database, or another one, doesn't take a file for its own in whose slots other chunks lie.
/// </para>
/// </summary>
internal sealed partial class IndexSnapshots(SqliteDatabase database, IndexOptions options, ILogger logger)
{
    private readonly string _folder = Path.GetDirectoryName(database.Path)!;

    /// <summary>How a generation's vectors are indexed.</summary>
    public IndexOptions OptionsOf(GenerationSettings settings) => settings.Index.Over(options);

    /// <summary>Makes the empty graph of a generation.</summary>
    public HnswIndex CreateGraph(GenerationSettings settings) => new(settings.Dimension, GraphOptionsOf(settings));

    /// <summary>Loads the snapshot that is listed for a generation.</summary>
    /// <returns>The graph, and the key of a chunk that it has with all before it; null when there is none that can be used.</returns>
    /// <exception cref="StorageUnavailableException">The database can't be read.</exception>
    public async Task<(HnswIndex Graph, long Applied)?> LoadAsync(Generation generation, CancellationToken cancellationToken)
    {
        var listed = await database.Readers.ReadAsync(session => IndexFileRows.Find(session, generation.Key), cancellationToken).ConfigureAwait(false);
        if (listed is not { } file)
        {
            return null;
        }

        var path = PathOf(generation.Key, file.Id);
        var wanted = GraphOptionsOf(generation.Settings);
        try
        {
            var (graph, info) = HnswIndex.Load(path, wanted, cancellationToken);
            if (info.Id == file.Id && info.ModelIdentity == generation.Settings.ModelIdentity && graph.Dimension == generation.Settings.Dimension && graph.Options.M == wanted.M && graph.Options.EfConstruction == wanted.EfConstruction)
            {
                return (graph, file.Applied);
            }

            logger.LogInformation("The snapshot '{Path}' was made with another model or other parameters; the graph is built anew.", path);
            graph.Dispose();
        }
        catch (IndexFormatException error)
        {
            SetAside(generation, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The snapshot '{Path}' can't be read ({Reason}); the graph is built anew.", path, error.Message);
        }

        return null;
    }

    /// <summary>Saves a generation's graph. A save that fails is logged: the old file stays, and the next save tries again.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="applied">The key of a chunk that the graph has, with all before it.</param>
    /// <param name="cancellationToken">Ends the save early; the old file stays.</param>
    /// <returns>Whether it was saved.</returns>
    /// <exception cref="IndexFormatException">The file that the graph was loaded from turned out to be damaged.</exception>
    public async Task<bool> TrySaveAsync(Generation generation, HnswIndex graph, long applied, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        var path = PathOf(generation.Key, id);
        try
        {
            var info = new IndexSnapshotInfo { Id = id, ModelIdentity = generation.Settings.ModelIdentity, AppliedSequence = applied };
            await Task.Run(() => graph.Save(path, info, StepPause.InSnapshot, cancellationToken), cancellationToken).ConfigureAwait(false);
            StepPause.At(StepPause.SnapshotNamed);
            var (before, listed) = await database.Writer.RunAsync(
                session => (IndexFileRows.Find(session, generation.Key), IndexFileRows.Replace(session, generation.Key, id, applied)), cancellationToken).ConfigureAwait(false);
            StepPause.At(StepPause.SnapshotListed);
            if (!listed)
            {
                Delete(path);
                return false;
            }

            logger.LogDebug("Saved the graph of generation {Generation} to '{Path}'.", generation.Key, path);
            if (before is { } old)
            {
                Delete(PathOf(generation.Key, old.Id));
            }

            return true;
        }
        catch (Exception error) when (error is (IOException and not IndexFormatException) or UnauthorizedAccessException or StorageUnavailableException)
        {
            Delete(path);
            logger.LogWarning("The graph of generation {Generation} can't be saved to '{Path}', the next save tries again: {Reason}", generation.Key, path, error.Message);
            return false;
        }
        catch (OperationCanceledException)
        {
            Delete(path);
            throw;
        }
    }

    /// <summary>Renames a damaged snapshot, so that it can be looked at and is not read again.</summary>
    public void SetAside(Generation generation, IndexFormatException error)
    {
        var aside = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"generation-{generation.Key}.hnsw.damaged"));
        logger.LogWarning("A snapshot is damaged. {Reason} It is set aside as '{Path}', and the graph is built anew from the stored vectors.", error.Message, aside);
        try
        {
            File.Move(error.Path, aside, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The damaged snapshot '{Path}' can't be set aside: {Reason}", error.Path, failure.Message);
        }
    }

    /// <summary>Deletes the snapshots of a generation that is not in use any more.</summary>
    public void Delete(long generation) => DeleteFiles(name => GenerationOf(name) == generation);

    /// <summary>Deletes the snapshots that are not listed: of saves that were cut off, of other states of the database, of earlier versions.</summary>
    public async Task DeleteUnlistedAsync(CancellationToken cancellationToken)
    {
        var listed = await database.Readers.ReadAsync(IndexFileRows.List, cancellationToken).ConfigureAwait(false);
        var names = listed.Select(file => Path.GetFileName(PathOf(file.Generation, file.Id))).ToHashSet(StringComparer.Ordinal);
        DeleteFiles(name => GenerationOf(name) is not null && !names.Contains(name));
    }

    // Names of this version, of the one before, and of either while they are written.
    [GeneratedRegex(@"^generation-(\d{1,18})(-[0-9a-f]{32})?\.hnsw(\.tmp)?$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();

    private static long? GenerationOf(string name) =>
        FileName().Match(name) is { Success: true } match ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    private string PathOf(long generation, Guid id) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"generation-{generation}-{id:n}.hnsw"));

    private void DeleteFiles(Func<string, bool> chosen)
    {
        foreach (var path in Directory.EnumerateFiles(_folder, "generation-*").Where(path => chosen(Path.GetFileName(path))).ToList())
        {
            logger.LogInformation("The snapshot '{Path}' doesn't belong to this state of the database, and is deleted.", path);
            Delete(path);
        }
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The snapshot '{Path}' can't be deleted; the next start tries again: {Reason}", path, error.Message);
        }
    }

    private HnswOptions GraphOptionsOf(GenerationSettings settings)
    {
        var index = OptionsOf(settings);
        return new HnswOptions { M = index.M, EfConstruction = index.EfConstruction, Ef = index.Ef };
    }
}
