using AlbertSearch.Errors;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The database file of a data folder: held by one process, one writer, many readers.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "albertsearch.db";

    private const int PageSize = 16_384;
    private const int BusySeconds = 10;

    private readonly DataFolderLock _lock;
    private bool _disposed;

    private SqliteDatabase(string path, DataFolderLock folderLock, SqliteWriter writer, SqliteReaderPool readers)
    {
        Path = path;
        _lock = folderLock;
        Writer = writer;
        Readers = readers;
    }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>All changes go through it.</summary>
    public SqliteWriter Writer { get; }

    /// <summary>All reads go through them.</summary>
    public SqliteReaderPool Readers { get; }

    /// <summary>Opens or makes the database of a folder, and brings it to the newest schema.</summary>
    /// <exception cref="StorageUnavailableException">The folder is held by another process, or can't be used; the message says why.</exception>
    public static SqliteDatabase Open(string folder, TimeProvider time, ILogger logger) => Open(folder, SqliteSchema.Migrations, time, logger);

    /// <summary>Opens or makes the database of a folder with migrations of the caller's choice.</summary>
    /// <param name="folder">The folder; made when absent.</param>
    /// <param name="migrations">All migrations; the one at index i leads to version i + 1.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Told of migrations.</param>
    /// <param name="busySeconds">How long a statement waits for another program that has locked the file.</param>
    public static SqliteDatabase Open(string folder, IReadOnlyList<string> migrations, TimeProvider time, ILogger logger, int busySeconds = BusySeconds)
    {
        SQLitePCL.Batteries_V2.Init();
        var path = System.IO.Path.Combine(folder, FileName);
        DataFolderLock? folderLock = null;
        SqliteSession? session = null;
        try
        {
            Directory.CreateDirectory(folder);
            folderLock = DataFolderLock.Take(folder, time);
            session = OpenSession(path, SqliteOpenMode.ReadWriteCreate, busySeconds);

            if (SqliteMigrator.Check(session, path, migrations.Count))
            {
                // Both are fixed by the first table, so they come before it.
                session.Execute($"PRAGMA page_size = {PageSize}");
                session.Execute("PRAGMA auto_vacuum = INCREMENTAL");
            }

            session.Execute("PRAGMA journal_mode = WAL");
            session.Execute("PRAGMA synchronous = FULL");
            SqliteMigrator.Migrate(session, path, migrations, logger);
            session.Execute("PRAGMA foreign_keys = ON");
            session.Execute("PRAGMA wal_autocheckpoint = 2000");
            session.Execute("PRAGMA journal_size_limit = 67108864");

            var readers = new SqliteReaderPool(() => OpenReader(path, busySeconds), path, Math.Max(4, Environment.ProcessorCount * 2));
            return new SqliteDatabase(path, folderLock, new SqliteWriter(session, path), readers);
        }
        catch (Exception error)
        {
            session?.Dispose();
            folderLock?.Dispose();
            if (SqliteErrors.Translate(error, path) is var translated && translated != error)
            {
                throw translated;
            }

            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;

        // Readers first: the writer's session is then the last one and folds the log into the file as it closes.
        Readers.Dispose();
        Writer.Dispose();
        _lock.Dispose();
    }

    private static SqliteSession OpenReader(string path, int busySeconds)
    {
        var session = OpenSession(path, SqliteOpenMode.ReadWrite, busySeconds);
        session.Execute("PRAGMA query_only = ON");
        return session;
    }

    private static SqliteSession OpenSession(string path, SqliteOpenMode mode, int busySeconds)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = busySeconds }.ToString());
        try
        {
            connection.Open();
            return new SqliteSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
