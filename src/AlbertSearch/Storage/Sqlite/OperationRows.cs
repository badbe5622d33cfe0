using AlbertSearch.Ingestion;
using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL of operations that are read.</summary>
internal static class OperationRows
{
    /// <summary>The operation's writes are still coming in.</summary>
    public const int SealedOpen = 0;

    /// <summary>The operation is whole.</summary>
    public const int SealedWhole = 1;

    /// <summary>The operation's body was cut off.</summary>
    public const int SealedCutOff = 2;

    private const string Columns =
        "key, id, collection_name, kind, state, documents, settled, added, updated, unchanged, deleted, failed, error, created_at, finished_at, tokens, truncated_tokens, canceled, lines, sealed, idempotency_key, started_at";

    /// <summary>An operation by id, or null.</summary>
    public static Operation? Find(SqliteSession session, string id) => FindBy(session, $"SELECT {Columns} FROM operations WHERE id = $1", id);

    /// <summary>The operation of an idempotency key, or null.</summary>
    public static Operation? FindByKey(SqliteSession session, string key) => FindBy(session, $"SELECT {Columns} FROM operations WHERE idempotency_key = $1", key);

    /// <summary>Operations, newest first.</summary>
    /// <param name="session">A snapshot.</param>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="before">Only those with smaller keys.</param>
    /// <param name="limit">Most operations.</param>
    /// <returns>Each with its key.</returns>
    public static List<(long Key, Operation Operation)> List(SqliteSession session, OperationState? state, long before, int limit)
    {
        var rows = new List<(long Key, Operation Operation)>();
        using (var reader = state is { } wanted
            ? session.Query($"SELECT {Columns} FROM operations WHERE state = $1 AND key < $2 ORDER BY key DESC LIMIT $3", CollectionRows.Word(wanted), before, limit)
            : session.Query($"SELECT {Columns} FROM operations WHERE key < $1 ORDER BY key DESC LIMIT $2", before, limit))
        {
            while (reader.Read())
            {
                rows.Add(Read(reader));
            }
        }

        return rows.ConvertAll(row => (row.Key, WithFailures(session, row)));
    }

    private static Operation? FindBy(SqliteSession session, string sql, string value)
    {
        (long Key, Operation Operation) row;
        using (var reader = session.Query(sql, value))
        {
            if (!reader.Read())
            {
                return null;
            }

            row = Read(reader);
        }

        return WithFailures(session, row);
    }

    private static Operation WithFailures(SqliteSession session, (long Key, Operation Operation) row)
    {
        if (row.Operation.FailedCount == 0)
        {
            return row.Operation;
        }

        var failures = new List<FailedDocument>();
        using var reader = session.Query("SELECT place, line, \"column\", document_id, code, message FROM operation_failures WHERE operation = $1 ORDER BY key", row.Key);
        while (reader.Read())
        {
            failures.Add(new FailedDocument
            {
                Index = reader.IsDBNull(0) ? null : reader.GetInt32(0),
                Line = reader.IsDBNull(1) ? null : reader.GetInt64(1),
                Column = reader.IsDBNull(2) ? null : reader.GetInt64(2),
                Id = reader.IsDBNull(3) ? null : reader.GetString(3),
                Code = reader.GetString(4),
                Message = reader.GetString(5),
            });
        }

        return row.Operation with { Failed = failures };
    }

    private static (long Key, Operation Operation) Read(SqliteDataReader reader) => (reader.GetInt64(0), new Operation
    {
        Id = reader.GetString(1),
        Collection = reader.GetString(2),
        Kind = CollectionRows.Parse<OperationKind>(reader.GetString(3)),
        State = CollectionRows.Parse<OperationState>(reader.GetString(4)),
        Documents = reader.GetInt64(5),
        Done = reader.GetInt64(6),
        Added = reader.GetInt64(7),
        Updated = reader.GetInt64(8),
        Unchanged = reader.GetInt64(9),
        Deleted = reader.GetInt64(10),
        FailedCount = reader.GetInt64(11),
        Failed = [],
        Error = reader.IsDBNull(12) ? null : reader.GetString(12),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(13)),
        FinishedAt = reader.IsDBNull(14) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(14)),
        Tokens = reader.GetInt64(15),
        TruncatedTokens = reader.GetInt64(16),
        Canceled = reader.GetInt64(17),
        Lines = reader.GetInt64(18),
        CutOff = reader.GetInt64(19) == SealedCutOff,
        IdempotencyKey = reader.IsDBNull(20) ? null : reader.GetString(20),
        StartedAt = reader.IsDBNull(21) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(21)),
    });
}
