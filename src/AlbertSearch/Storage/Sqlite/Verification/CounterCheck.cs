using System.Globalization;
using AlbertSearch.Collections;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>Compares a collection's counters, operations and queue with what they count. Used by one thread, in one snapshot.</summary>
internal sealed class CounterCheck(SqliteSession session, long collection, VerificationFindings findings)
{
    /// <summary>Operations of a collection whose documents are not those that are done, canceled or queued, or that have ended and don't say so.</summary>
    public const string WrongOperations =
        """
        SELECT key, id FROM operations WHERE collection = $1 AND (
            documents <> settled + canceled + (SELECT COUNT(*) FROM operation_rows WHERE operation_rows.operation = operations.key)
            OR (finished_at IS NULL AND sealed > 0 AND settled + canceled >= documents))
        """;

    /// <summary>Queued writes of a collection without an operation.</summary>
    public const string RowsWithoutOperation =
        "SELECT sequence, operation FROM operation_rows WHERE collection = $1 AND NOT EXISTS (SELECT 1 FROM operations WHERE operations.key = operation_rows.operation)";

    /// <summary>Queued writes of a collection without content.</summary>
    public const string RowsWithoutPayload =
        "SELECT sequence, operation FROM operation_rows WHERE collection = $1 AND NOT EXISTS (SELECT 1 FROM operation_payloads WHERE operation_payloads.sequence = operation_rows.sequence)";

    /// <summary>Contents of writes that are not queued.</summary>
    public const string PayloadsWithoutRow =
        "SELECT sequence FROM operation_payloads WHERE NOT EXISTS (SELECT 1 FROM operation_rows WHERE operation_rows.sequence = operation_payloads.sequence)";

    /// <summary>Checks everything.</summary>
    /// <returns>Whether something is off.</returns>
    public bool Check(CancellationToken cancellationToken)
    {
        var before = findings.Total;
        CheckDocuments(cancellationToken);
        foreach (var generation in CollectionRows.Generations(session, collection))
        {
            Compare(
                $"chunks of generation {generation.Key}", generation.Chunks, session.Integer("SELECT COUNT(*) FROM chunks INDEXED BY chunks_place WHERE generation = $1", generation.Key));
        }

        List(FindingKind.OperationTally, WrongOperations, column: 1, collection);
        List(FindingKind.QueuedWithoutOperation, RowsWithoutOperation, column: 0, collection);
        List(FindingKind.QueuedWithoutContent, RowsWithoutPayload, column: 0, collection);
        List(FindingKind.ContentWithoutQueued, PayloadsWithoutRow, column: 0);
        return findings.Total > before;
    }

    private void CheckDocuments(CancellationToken cancellationToken)
    {
        var documents = 0L;
        var textBytes = 0L;
        using (var reader = session.Query("SELECT octet_length(text) FROM documents WHERE collection = $1", collection))
        {
            for (; reader.Read(); documents++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                textBytes += reader.GetInt64(0);
            }
        }

        using var counters = session.Query("SELECT documents, text_bytes FROM collections WHERE key = $1", collection);
        if (counters.Read())
        {
            Compare("documents", counters.GetInt64(0), documents);
            Compare("bytes of text", counters.GetInt64(1), textBytes);
        }
    }

    private void Compare(string what, long stored, long counted)
    {
        if (stored != counted)
        {
            findings.Add(FindingKind.Counter, string.Create(CultureInfo.InvariantCulture, $"{what}: {stored} stored, {counted} counted"));
        }
    }

    private void List(FindingKind kind, string sql, int column, params ReadOnlySpan<object?> values)
    {
        using var reader = session.Query(sql, values);
        while (reader.Read())
        {
            findings.Add(kind, Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)!);
        }
    }
}
