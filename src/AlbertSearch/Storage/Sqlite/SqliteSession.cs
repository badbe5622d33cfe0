using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>A connection with its prepared statements, kept by their text. Values are bound to <c>$1</c>, <c>$2</c>, … in their order. Not thread-safe.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    /// <summary>Takes over an open connection.</summary>
    public SqliteSession(SqliteConnection connection)
    {
        _connection = connection;
    }

    /// <summary>Whether a transaction is open: some errors end it behind one's back.</summary>
    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>The connection, for what has no SQL.</summary>
    public SqliteConnection Connection => _connection;

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Cached(sql).Execute(values);

    /// <summary>The first column of the first row, or null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Cached(sql).Scalar(values);

    /// <summary>The first column of the first row as an integer; 0 without a row.</summary>
    public long Integer(string sql, params ReadOnlySpan<object?> values) => Scalar(sql, values) is long value ? value : 0;

    /// <summary>The rows of a query. Dispose the reader before the statement runs again.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Cached(sql).Query(values);

    /// <summary>A statement of the session's, for constant SQL that runs often. Not to be disposed of.</summary>
    public SqliteStatement Cached(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(_connection, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>A statement of the caller's own, for SQL that varies: it would fill the cache.</summary>
    public SqliteStatement Prepare(string sql) => new(_connection, sql);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _connection.Dispose();
    }
}
