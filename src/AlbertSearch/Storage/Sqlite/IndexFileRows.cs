namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL of the list of snapshot files: the one file that belongs to this state of the database, for each generation that has one.</summary>
internal static class IndexFileRows
{
    /// <summary>A generation's file.</summary>
    /// <returns>Its random id, and the key of a chunk that it has with all before it; null when none is listed.</returns>
    public static (Guid Id, long Applied)? Find(SqliteSession session, long generation)
    {
        using var reader = session.Query("SELECT id, applied FROM index_files WHERE generation = $1", generation);
        return reader.Read() ? (reader.GetGuid(0), reader.GetInt64(1)) : null;
    }

    /// <summary>The files of all generations that are in use.</summary>
    public static List<(long Generation, Guid Id)> List(SqliteSession session)
    {
        var files = new List<(long, Guid)>();
        using var reader = session.Query("SELECT generation, id FROM index_files JOIN generations ON generations.key = generation WHERE state <> 'retired'");
        while (reader.Read())
        {
            files.Add((reader.GetInt64(0), reader.GetGuid(1)));
        }

        return files;
    }

    /// <summary>Lists a file in the place of the one before.</summary>
    /// <returns>False when the generation is not in use any more: the file belongs to nothing.</returns>
    public static bool Replace(SqliteSession session, long generation, Guid id, long applied) =>
        session.Execute(
            "INSERT OR REPLACE INTO index_files (generation, id, applied) SELECT key, $2, $3 FROM generations WHERE key = $1 AND state <> 'retired'",
            generation,
            id.ToByteArray(),
            applied) > 0;
}
