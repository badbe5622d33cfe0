using AlbertSearch.Errors;
using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    private string DatabaseFile => _folder.File(SqliteDatabase.FileName);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("page_size", 16_384)]
    [InlineData("auto_vacuum", 2)]
    [InlineData("synchronous", 2)]
    [InlineData("foreign_keys", 1)]
    [InlineData("application_id", SqliteSchema.ApplicationId)]
    public async Task New_database_has_the_settings_that_it_must_be_born_with(string pragma, int expected)
    {
        using var database = Open();
        Assert.Equal(expected, await database.Writer.RunAsync(session => session.Integer($"PRAGMA {pragma}")));
        Assert.Equal("wal", await database.Writer.RunAsync(session => session.Scalar("PRAGMA journal_mode")));
    }

    [Fact]
    public async Task Reader_can_not_write()
    {
        using var database = Open();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => database.Readers.ReadAsync(session => session.Execute("DELETE FROM documents")));
    }

    [Fact]
    public async Task Reader_sees_one_snapshot()
    {
        using var database = Open();
        var (before, after) = await database.Readers.ReadAsync(session =>
        {
            var first = session.Integer("SELECT COUNT(*) FROM collections");
            database.Writer.RunAsync(writer => writer.Execute("INSERT INTO collections (name, state, created_at) VALUES ('x', 'live', 0)")).GetAwaiter().GetResult();
            return (first, session.Integer("SELECT COUNT(*) FROM collections"));
        });
        Assert.Equal((0, 0), (before, after));
        Assert.Equal(1, await database.Readers.ReadAsync(session => session.Integer("SELECT COUNT(*) FROM collections")));
    }

    [Fact]
    public void Second_opening_of_a_folder_is_refused_and_told_who_holds_it()
    {
        using var database = Open();
        var error = Assert.Throws<StorageUnavailableException>(Open);
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName} since 2030-01-01", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_file_that_the_disk_does_not_give_is_not_told_as_held()
    {
        Open().Dispose();
        if (OperatingSystem.IsLinux())
        {
            // A link to itself can't be opened, as little as a file of a file system that is read-only.
            var lockFile = _folder.File("albertsearch.lock");
            File.Delete(lockFile);
            File.CreateSymbolicLink(lockFile, lockFile);

            var error = Assert.Throws<StorageUnavailableException>(Open);
            Assert.Contains("can't be written to", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("in use", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Disk_without_room_for_the_file_of_shared_memory_is_told_as_full()
    {
        var error = SqliteErrors.Translate(new SqliteException("disk I/O error", SQLitePCL.raw.SQLITE_IOERR, SQLitePCL.raw.SQLITE_IOERR_SHMSIZE), "file.db");
        Assert.Contains("the disk is full", Assert.IsType<StorageUnavailableException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Closed_folder_can_be_opened_again()
    {
        Open().Dispose();
        Open().Dispose();
    }

    [Fact]
    public void Newer_schema_is_refused_and_left_alone()
    {
        Open().Dispose();
        Run($"PRAGMA user_version = {SqliteSchema.Migrations.Count + 1}");
        var before = File.ReadAllBytes(DatabaseFile);
        var error = Assert.Throws<StorageUnavailableException>(Open);

        Assert.Contains($"schema {SqliteSchema.Migrations.Count + 1}", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(DatabaseFile));
    }

    [Fact]
    public void Database_of_another_program_is_refused()
    {
        Run("CREATE TABLE theirs (x)");
        Assert.Contains("not AlbertSearch's", Assert.Throws<StorageUnavailableException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_database_is_refused()
    {
        File.WriteAllText(DatabaseFile, new string('x', 20_000));
        Assert.Contains("not an SQLite database", Assert.Throws<StorageUnavailableException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_that_is_a_file_is_refused()
    {
        var file = _folder.File("file");
        File.WriteAllText(file, string.Empty);
        Assert.Throws<StorageUnavailableException>(() => SqliteDatabase.Open(file, _time, NullLogger.Instance));
    }

    [Fact]
    public async Task Migration_changes_the_file_after_copying_it_aside()
    {
        string[] first = ["CREATE TABLE old (x INTEGER) STRICT; INSERT INTO old VALUES (7)"];
        SqliteDatabase.Open(_folder.Path, first, _time, NullLogger.Instance).Dispose();
        Assert.False(File.Exists(DatabaseFile + ".schema-1"));
        string[] both = [.. first, "ALTER TABLE old RENAME TO new"];
        using (var database = SqliteDatabase.Open(_folder.Path, both, _time, NullLogger.Instance))
        {
            Assert.Equal(7, await database.Readers.ReadAsync(session => session.Integer("SELECT x FROM new")));
            Assert.Equal(2, await database.Readers.ReadAsync(session => session.Integer("PRAGMA user_version")));
        }

        using var copy = new SqliteConnection($"Data Source={DatabaseFile}.schema-1;Pooling=False");
        copy.Open();
        using var command = copy.CreateCommand();
        command.CommandText = "SELECT x FROM old";
        Assert.Equal(7L, command.ExecuteScalar());
    }

    [Fact]
    public async Task Migration_that_fails_changes_nothing()
    {
        string[] first = ["CREATE TABLE old (x INTEGER) STRICT"];
        SqliteDatabase.Open(_folder.Path, first, _time, NullLogger.Instance).Dispose();
        Assert.Throws<SqliteException>(() => SqliteDatabase.Open(_folder.Path, [.. first, "ALTER TABLE old RENAME TO new; SELECT rubbish"], _time, NullLogger.Instance));

        using var database = SqliteDatabase.Open(_folder.Path, first, _time, NullLogger.Instance);
        Assert.Equal(1, await database.Readers.ReadAsync(session => session.Integer("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'old'")));
    }

    private SqliteDatabase Open() => SqliteDatabase.Open(_folder.Path, _time, NullLogger.Instance);

    private void Run(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant text of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
