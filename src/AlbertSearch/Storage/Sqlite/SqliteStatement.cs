using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>A prepared statement. Values are bound to <c>$1</c>, <c>$2</c>, … in their order. Not thread-safe.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <summary>Makes a statement; it is compiled when it first runs.</summary>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes constant text, or text that FilterSql made of constants and parameters.
        _command.CommandText = sql;
#pragma warning restore CA2100
    }

    /// <summary>Runs the statement.</summary>
    /// <returns>Rows changed.</returns>
    public int Execute(ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row, or null.</summary>
    public object? Scalar(ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    /// <summary>The rows. Dispose the reader before the statement runs again.</summary>
    public SqliteDataReader Query(ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    /// <inheritdoc />
    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i == _command.Parameters.Count)
            {
                _command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${i + 1}") });
            }

            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
