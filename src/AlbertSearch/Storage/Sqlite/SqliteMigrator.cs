using AlbertSearch.Errors;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Brings a database file to the newest schema. The file is copied aside before it is changed.</summary>
internal static class SqliteMigrator
{
    /// <summary>Refuses a file that can't be brought to the newest schema; changes nothing.</summary>
    /// <param name="session">Any session.</param>
    /// <param name="path">The database file.</param>
    /// <param name="newest">The newest schema's version.</param>
    /// <returns>Whether the file is new.</returns>
    /// <exception cref="StorageUnavailableException">The file is of a newer schema, or another program's.</exception>
    public static bool Check(SqliteSession session, string path, int newest)
    {
        if (session.Integer("PRAGMA page_count") == 0)
        {
            return true;
        }

        if (session.Integer("PRAGMA application_id") != SqliteSchema.ApplicationId)
        {
            throw new StorageUnavailableException($"The database '{path}' is not AlbertSearch's: move it away, or set AlbertSearch:IndexData to another folder.");
        }

        var version = session.Integer("PRAGMA user_version");
        return version <= newest
            ? false
            : throw new StorageUnavailableException(
                $"The database '{path}' has schema {version}; this version of AlbertSearch knows schemas up to {newest}. Use a newer AlbertSearch, or a copy of the file that was put aside before it was migrated.");
    }

    /// <summary>Runs the migrations that the file lacks, all in one transaction.</summary>
    /// <param name="session">A session that may write; no other one is open.</param>
    /// <param name="path">The database file, which <see cref="Check"/> has passed.</param>
    /// <param name="migrations">All migrations; the one at index i leads to version i + 1.</param>
    /// <param name="logger">Told of copies and migrations.</param>
    public static void Migrate(SqliteSession session, string path, IReadOnlyList<string> migrations, ILogger logger)
    {
        var version = checked((int)session.Integer("PRAGMA user_version"));
        if (version == migrations.Count)
        {
            return;
        }

        if (version > 0)
        {
            CopyAside(session, path, version, logger);
        }

        session.Execute("BEGIN IMMEDIATE");
        foreach (var migration in migrations.Skip(version))
        {
            session.Execute(migration);
        }

        // Pragmas take no parameters; both numbers are our own.
        session.Execute($"PRAGMA application_id = {SqliteSchema.ApplicationId}");
        session.Execute($"PRAGMA user_version = {migrations.Count}");
        session.Execute("COMMIT");
        if (version > 0)
        {
            logger.LogInformation("Migrated the database '{Path}' from schema {From} to {To}.", path, version, migrations.Count);
        }
    }

    private static void CopyAside(SqliteSession session, string path, int version, ILogger logger)
    {
        var copy = $"{path}.schema-{version}";

        // A temporary name first: a copy that was cut off must not pass for a whole one.
        var unfinished = copy + ".tmp";
        File.Delete(unfinished);
        session.Execute("VACUUM INTO $1", unfinished);
        using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, copy, overwrite: true);
        logger.LogInformation("Copied the database '{Path}' to '{Copy}' before migrating it.", path, copy);
    }
}
