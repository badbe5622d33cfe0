using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>What one transaction did for one operation.</summary>
internal sealed class OperationTally
{
    /// <summary>Failures of an operation that are kept in full; further ones are counted.</summary>
    public const int MaxListedFailures = 1_000;

    /// <summary>Writes that are dealt with.</summary>
    public long Settled { get; set; }

    /// <summary>Documents that were new.</summary>
    public long Added { get; set; }

    /// <summary>Documents that were replaced.</summary>
    public long Updated { get; set; }

    /// <summary>Documents that were stored as they are.</summary>
    public long Unchanged { get; set; }

    /// <summary>Documents that were deleted.</summary>
    public long Deleted { get; set; }

    /// <summary>Documents that didn't go in.</summary>
    public List<FailedDocument> Failed { get; } = [];

    /// <summary>Tokens that were embedded.</summary>
    public long Tokens { get; set; }

    /// <summary>Tokens that were cut.</summary>
    public long TruncatedTokens { get; set; }

    /// <summary>Adds the tally to the operation's row, and ends the operation when nothing of it is left.</summary>
    /// <returns>The operation's id if it has ended, else null.</returns>
    public string? Write(SqliteSession session, long operation, long now)
    {
        WriteFailures(session, operation, Failed);
        using var reader = session.Query(
            """
            UPDATE operations SET
                settled = settled + $2, added = added + $3, updated = updated + $4, unchanged = unchanged + $5, deleted = deleted + $6,
                failed = failed + $7, tokens = tokens + $8, truncated_tokens = truncated_tokens + $9, started_at = COALESCE(started_at, $10),
                state = CASE WHEN state IN ('failed', 'canceled') THEN state WHEN sealed > 0 AND settled + canceled + $2 >= documents THEN 'completed' ELSE 'running' END,
                finished_at = CASE WHEN finished_at IS NULL AND sealed > 0 AND settled + canceled + $2 >= documents THEN $10 ELSE finished_at END
            WHERE key = $1 RETURNING id, finished_at
            """,
            operation,
            Settled,
            Added,
            Updated,
            Unchanged,
            Deleted,
            Failed.Count,
            Tokens,
            TruncatedTokens,
            now);
        string? ended = null;
        while (reader.Read())
        {
            ended = reader.IsDBNull(1) ? null : reader.GetString(0);
        }

        return ended;
    }

    /// <summary>Lists failures, up to the bound on an operation's list.</summary>
    public static void WriteFailures(SqliteSession session, long operation, IReadOnlyList<FailedDocument> failures)
    {
        if (failures.Count == 0)
        {
            return;
        }

        var room = MaxListedFailures - session.Integer("SELECT COUNT(*) FROM operation_failures WHERE operation = $1", operation);
        foreach (var failure in failures.Take((int)Math.Max(0, room)))
        {
            session.Execute(
                "INSERT INTO operation_failures (operation, place, line, \"column\", document_id, code, message) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                operation,
                failure.Index,
                failure.Line,
                failure.Column,
                failure.Id,
                failure.Code,
                failure.Message);
        }
    }
}
