using AlbertSearch.Errors;
using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.Problems;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests.Bulk;

public class UploadKeysTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Key_is_taken_by_one_after_the_other()
    {
        var keys = new UploadKeys(_time);
        var first = await keys.TakeAsync("key", CancellationToken.None);
        var second = keys.TakeAsync("key", CancellationToken.None);
        var third = keys.TakeAsync("key", CancellationToken.None);
        using var other = await keys.TakeAsync("other", CancellationToken.None);
        Assert.False(second.IsCompleted || third.IsCompleted);

        first.Dispose();
        var next = await Task.WhenAny(second, third);
        var last = next == second ? third : second;
        Assert.False(last.IsCompleted);
        (await next).Dispose();
        (await last).Dispose();
        (await keys.TakeAsync("key", CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task No_key_is_free_at_all_times()
    {
        var keys = new UploadKeys(_time);
        using var first = await keys.TakeAsync(null, CancellationToken.None);
        using var second = await keys.TakeAsync(null, CancellationToken.None);
    }

    [Fact]
    public async Task Key_that_is_held_for_long_is_refused_and_may_be_asked_for_again()
    {
        var keys = new UploadKeys(_time);
        using (await keys.TakeAsync("key", CancellationToken.None))
        {
            var waiting = keys.TakeAsync("key", CancellationToken.None);
            _time.Advance(UploadKeys.LongestWait);
            var problem = await Assert.ThrowsAsync<ProblemException>(() => waiting);
            Assert.Equal((ErrorCodes.Conflict, UploadKeys.LongestWait), (problem.Code, problem.RetryAfter));
        }

        (await keys.TakeAsync("key", CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task Caller_that_leaves_waits_no_longer()
    {
        var keys = new UploadKeys(_time);
        using var first = await keys.TakeAsync("key", CancellationToken.None);
        using var gone = new CancellationTokenSource();
        var waiting = keys.TakeAsync("key", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
