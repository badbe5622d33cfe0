using AlbertSearch.Errors;
using AlbertSearch.Indexing.Persistence;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>Tells what a database error means for the one who has to do something about it.</summary>
internal static class SqliteErrors
{
    /// <summary>Turns an error of the environment (disk, permissions, locks, damage) into <see cref="StorageUnavailableException"/>; any other error is a defect and stays as it is.</summary>
    public static Exception Translate(Exception error, string path) => error switch
    {
        SqliteException sqlite when Reason(sqlite.SqliteErrorCode, sqlite.SqliteExtendedErrorCode) is { } reason =>
            new StorageUnavailableException($"The database '{path}' {reason} (SQLite error {sqlite.SqliteExtendedErrorCode}: {sqlite.Message})", sqlite) { IsDamage = sqlite.SqliteErrorCode == raw.SQLITE_CORRUPT },
        // Not the database's: whoever has the index replaces it.
        IndexFormatException => error,
        UnauthorizedAccessException or IOException =>
            new StorageUnavailableException($"The data folder of '{path}' can't be used: {error.Message}", error),
        _ => error,
    };

    private static string? Reason(int code, int extendedCode) => code switch
    {
        raw.SQLITE_IOERR when extendedCode == raw.SQLITE_IOERR_SHMSIZE =>
            "can't be opened: there is no room for the file of its log's index (-shm); the disk is full. Free some space.",
        raw.SQLITE_FULL => "can't grow: the disk, or the size that the database may have, is full. Free some space; waiting writes go on by themselves.",
        raw.SQLITE_READONLY => "is read-only: give the process write access to the file and its folder.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is locked by another program: close it.",
        raw.SQLITE_CORRUPT => "is damaged: restore it from a copy. Nothing was changed by this request.",
        raw.SQLITE_NOTADB => "is not an SQLite database: move the file away, or set AlbertSearch:IndexData to another folder.",
        raw.SQLITE_IOERR => "can't be read or written: the disk reports an error.",
        raw.SQLITE_CANTOPEN => "can't be opened: check that its folder exists and that the process may write to it.",
        raw.SQLITE_PERM or raw.SQLITE_AUTH => "may not be used by this process: check the permissions of the file.",
        raw.SQLITE_NOMEM => "can't be used: memory has run out.",
        _ => null,
    };
}
