using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Ingestion;

public sealed class RetentionWorkerTests
{
    [Fact]
    public async Task Operations_that_ended_long_ago_are_forgotten_while_running_and_at_start()
    {
        var time = new ManualTimeProvider();
        await using var test = new TestEngine(options => options.Queue.Retention = TimeSpan.FromDays(7)) { Time = time };
        var engine = await test.OpenAsync();
        var first = await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        time.Advance(TimeSpan.FromDays(6));
        var second = await engine.IndexAsync([TestEngine.Document("b", "blue dog")]);
        Assert.NotNull(await engine.FindOperationAsync(first.Id));

        time.Advance(TimeSpan.FromDays(2));
        await ForgottenAsync(engine, first.Id);
        Assert.Equal([second.Id], (await engine.ListOperationsAsync()).Operations.Select(operation => operation.Id));

        await test.CloseAsync();
        time.Advance(TimeSpan.FromDays(6));
        engine = await test.OpenAsync();
        await ForgottenAsync(engine, second.Id);
        Assert.NotNull(await engine.FindDocumentAsync("a"));
    }

    private static async Task ForgottenAsync(AlbertSearchEngine engine, string operationId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await engine.FindOperationAsync(operationId, patience.Token) is not null)
        {
            await Task.Yield();
        }
    }
}
