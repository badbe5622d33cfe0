using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>A connection with its prepared statements. Values are bound to <c>$1</c>, <c>$2</c>, … in their order. Not thread-safe.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

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
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>The first column of the first row, or null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteScalar() is { } value and not DBNull ? value : null;

    /// <summary>The first column of the first row as an integer; 0 without a row.</summary>
    public long Integer(string sql, params ReadOnlySpan<object?> values) => Scalar(sql, values) is long value ? value : 0;

    /// <summary>The rows of a query. Dispose the reader before the statement runs again.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteReader();

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

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = _connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes constant text, or text that FilterSql made of constants and parameters.
            statement.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
            {
                statement.Parameters.Add(new SqliteParameter { ParameterName = ParameterName(i) });
            }

            _statements.Add(sql, statement);
        }

        for (var i = 0; i < values.Length; i++)
        {
            statement.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return statement;
    }

    private static string ParameterName(int index) => index switch
    {
        0 => "$1",
        1 => "$2",
        2 => "$3",
        3 => "$4",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"${index + 1}"),
    };
}
