using AlbertSearch.Errors;
using AlbertSearch.Storage.Sqlite;
using AlbertSearch.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class SqliteWriterTests : IDisposable
{
    private const string Insert = "INSERT INTO collections (name, state, created_at) VALUES ($1, 'live', 0)";

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;

    public SqliteWriterTests()
    {
        _database = SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Requests_that_wait_share_one_commit()
    {
        using var gate = new ManualResetEventSlim();
        var first = _database.Writer.RunAsync(_ => gate.Wait());
        var others = Enumerable.Range(0, 100).Select(i => _database.Writer.RunAsync(session => session.Execute(Insert, $"c{i}"))).ToList();
        var before = _database.Writer.Commits;
        gate.Set();
        await Task.WhenAll(others);
        await first;

        Assert.Equal(1, _database.Writer.Commits - before);
        Assert.Equal(100, await CountAsync());
    }

    [Fact]
    public async Task Request_that_fails_takes_back_its_own_changes_alone()
    {
        using var gate = new ManualResetEventSlim();
        var first = _database.Writer.RunAsync(_ => gate.Wait());
        var good = _database.Writer.RunAsync(session => session.Execute(Insert, "good"));
        var bad = _database.Writer.RunAsync(session =>
        {
            session.Execute(Insert, "bad");
            session.Execute(Insert, "good");
        });
        var late = _database.Writer.RunAsync(session => session.Execute(Insert, "late"));
        gate.Set();
        await Assert.ThrowsAsync<SqliteException>(() => bad);
        await Task.WhenAll(first, good, late);

        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task Canceled_request_is_not_run()
    {
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var first = _database.Writer.RunAsync(_ => gate.Wait());
        var canceled = _database.Writer.RunAsync(session => session.Execute(Insert, "x"), cancel.Token);
        await cancel.CancelAsync();
        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        await first;

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Request_that_must_be_flushed_does_not_join_one_that_need_not()
    {
        using var gate = new ManualResetEventSlim();
        var unflushed = _database.Writer.RunUnflushedAsync(_ =>
        {
            gate.Wait();
            return true;
        });
        var levels = Enumerable.Range(0, 3).Select(_ => _database.Writer.RunAsync(session => session.Integer("PRAGMA synchronous"))).ToList();
        gate.Set();
        await unflushed;

        Assert.All(await Task.WhenAll(levels), level => Assert.Equal(2, level));
        Assert.Equal(1, await _database.Writer.RunUnflushedAsync(session => session.Integer("PRAGMA synchronous")));
    }

    [Fact]
    public async Task Full_database_fails_the_request_and_serves_the_next_one()
    {
        var pages = await _database.Readers.ReadAsync(session => session.Integer("PRAGMA page_count"));
        await _database.Writer.RunAloneAsync(session => session.Execute($"PRAGMA max_page_count = {pages + 1}"));
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => _database.Writer.RunAsync(session => session.Execute(Insert, new string('x', 1 << 20))));
        Assert.Contains("full", error.Message, StringComparison.Ordinal);

        await _database.Writer.RunAsync(session => session.Execute(Insert, "small"));
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Closed_writer_says_so()
    {
        _database.Dispose();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _database.Writer.RunAsync(session => session.Execute(Insert, "x")));
    }

    private Task<long> CountAsync() => _database.Readers.ReadAsync(session => session.Integer("SELECT COUNT(*) FROM collections"));
}
