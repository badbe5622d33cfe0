using AlbertSearch.Filters;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL that queues the deletion of all documents that fulfil a filter.</summary>
internal static class DeletionRows
{
    /// <summary>
    /// Queues a deletion for each document that fulfils the filter now, and for each that a waiting write may make fulfil it. Each
    /// carries the filter as its condition: it is looked at again when its turn has come, after the writes before it.
    /// </summary>
    public static void Insert(SqliteSession session, long operation, long collection, Filter filter)
    {
        var last = session.Integer("SELECT seq FROM sqlite_sequence WHERE name = 'operation_rows'");
        var compiled = FilterSql.Compile(filter, firstParameter: 3);
        using var insert = session.Prepare(
            $"""
            INSERT INTO operation_rows (operation, collection, document_id, kind, place, bytes)
            SELECT $1, $2, id, 'delete', 0, 0 FROM documents WHERE collection = $2 AND {compiled.Sql}
            UNION
            SELECT $1, $2, document_id, 'delete', 0, 0 FROM operation_rows WHERE collection = $2 AND kind <> 'delete'
            """);
        var rows = insert.Execute([operation, collection, .. compiled.Values]);
        session.Execute("INSERT INTO operation_payloads (sequence, condition) SELECT sequence, $2 FROM operation_rows WHERE sequence > $1", last, FilterJson.Write(filter));
        session.Execute("UPDATE operations SET documents = $2 WHERE key = $1", operation, rows);
    }
}
