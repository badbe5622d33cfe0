using System.Collections.Concurrent;
using AlbertSearch.Errors;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Read-only connections beside the writer. Each read sees one snapshot of the database from beginning to end.</summary>
internal sealed class SqliteReaderPool : IDisposable
{
    private readonly Func<SqliteSession> _open;
    private readonly string _path;
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private readonly SemaphoreSlim _free;
    private volatile bool _disposed;

    /// <summary>Makes a pool that opens connections as they are needed.</summary>
    /// <param name="open">Opens a read-only session.</param>
    /// <param name="path">The database, for messages.</param>
    /// <param name="size">Most connections at once.</param>
    public SqliteReaderPool(Func<SqliteSession> open, string path, int size)
    {
        _open = open;
        _path = path;
        _free = new SemaphoreSlim(size, size);
    }

    /// <summary>Runs <paramref name="work"/> in a snapshot.</summary>
    /// <exception cref="StorageUnavailableException">The database can't be read.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteSession? session = null;
        try
        {
            if (_disposed)
            {
                throw new StorageUnavailableException($"The database '{_path}' is closed.");
            }

            if (!_idle.TryTake(out session))
            {
                session = _open();
            }

            session.Execute("BEGIN");
            var result = work(session);
            session.Execute("COMMIT");
            _idle.Add(session);
            session = null;
            return result;
        }
        catch (Exception error) when (error is Microsoft.Data.Sqlite.SqliteException or IOException or UnauthorizedAccessException)
        {
            if (SqliteErrors.Translate(error, _path) is var translated && translated != error)
            {
                throw translated;
            }

            throw;
        }
        finally
        {
            // A session that failed is not used again: its transaction may be open.
            session?.Dispose();
            _free.Release();
            if (_disposed)
            {
                CloseIdle();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _disposed = true;
        CloseIdle();
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }
}
