using AlbertSearch.Search;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests;

public sealed class EnginePartsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Close_ends_at_its_bound_while_a_worker_hangs_and_takes_nothing_from_under_it()
    {
        await using var test = new TestEngine();
        var time = new ManualTimeProvider();
        test.Time = time;
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().HoldDeaf();
        var operation = await engine.SubmitAsync([TestEngine.Document("a", "red cat")]);
        await embedder().Reached;

        var closing = engine.DisposeAsync().AsTask();
        time.Advance(test.Options.Queue.StopTimeout - TimeSpan.FromTicks(1));
        Assert.False(closing.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        await closing.WaitAsync(Patience);

        Assert.False(engine.Parts.Closed.IsCompleted);
        embedder().LetGo();
        await engine.Parts.Closed.WaitAsync(Patience);
        engine = await test.ReopenAsync();
        Assert.Equal(1, (await engine.WaitAsync(operation.Id)).Added);
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }

    [Fact]
    public async Task Close_ends_when_the_host_has_no_more_time()
    {
        await using var test = new TestEngine();
        test.Time = new ManualTimeProvider();
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        embedder().HoldDeaf();
        await engine.SubmitAsync([TestEngine.Document("a", "red cat")]);
        await embedder().Reached;
        using var host = new CancellationTokenSource();

        var closing = engine.Parts.CloseAsync(host.Token);
        Assert.False(closing.IsCompleted);
        await host.CancelAsync();
        await closing.WaitAsync(Patience);

        Assert.False(engine.Parts.Closed.IsCompleted);
        embedder().LetGo();
        await engine.Parts.Closed.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.95, false)]
    public async Task Save_has_the_time_that_the_workers_leave(double shareOfWorkers, bool saved)
    {
        await using var test = new TestEngine();
        var time = new ManualTimeProvider();
        test.Time = time;
        var embedder = test.UseFaultyEmbedder();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        embedder().HoldDeaf();
        var second = await engine.SubmitAsync([TestEngine.Document("b", "blue dog")]);
        await embedder().Reached;

        var closing = engine.DisposeAsync().AsTask();
        time.Advance(test.Options.Queue.StopTimeout * shareOfWorkers);
        embedder().LetGo();
        await closing.WaitAsync(Patience);

        Assert.True(engine.Parts.Closed.IsCompleted);
        Assert.Equal(saved ? 1 : 0, Directory.GetFiles(test.Folder.File(test.Options.IndexData), "generation-*").Length);
        engine = await test.ReopenAsync();
        await engine.WaitAsync(second.Id);
        Assert.Equal(["a", "b"], (await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits.Select(hit => hit.Id).Order());
        Assert.True((await engine.VerifyCollectionAsync()).Ok);
    }
}
