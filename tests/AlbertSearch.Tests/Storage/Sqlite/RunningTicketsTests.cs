using AlbertSearch.Storage.Sqlite;

namespace AlbertSearch.Tests.Storage.Sqlite;

public sealed class RunningTicketsTests
{
    [Fact]
    public void Wait_without_searches_is_over_at_once() => Assert.True(new RunningTickets().WaitForRunningAsync().IsCompleted);

    [Fact]
    public async Task Wait_ends_with_the_searches_that_ran_and_not_with_later_ones()
    {
        var tickets = new RunningTickets();
        var first = tickets.Enter();
        var second = tickets.Enter();
        var wait = tickets.WaitForRunningAsync();
        var late = tickets.Enter();
        var secondWait = tickets.WaitForRunningAsync();

        tickets.Leave(second);
        Assert.False(wait.IsCompleted);
        tickets.Leave(first);
        await wait.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(secondWait.IsCompleted);
        tickets.Leave(late);
        await secondWait.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
