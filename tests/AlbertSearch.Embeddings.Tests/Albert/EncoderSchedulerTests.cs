using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class EncoderSchedulerTests
{
    [Fact]
    public async Task Run_interactive_batch_goes_ahead_of_a_bulk_one_at_its_next_layer()
    {
        using AlbertEngine engine = Open(threads: 1);
        var order = new List<(BatchPriority Priority, int Layer)>();
        Task? query = null;
        engine.Scheduler.LayerFinished = (priority, layer) =>
        {
            order.Add((priority, layer));
            if (query is null)
            {
                query = Task.Run(() => Encode(engine, BatchPriority.Interactive));
                SpinWait.SpinUntil(() => engine.Scheduler.Waiting > 0);
            }
        };

        Encode(engine, BatchPriority.Bulk);
        await query!;

        Assert.Equal(
            [
                (BatchPriority.Bulk, 0),
                (BatchPriority.Interactive, 0), (BatchPriority.Interactive, 1), (BatchPriority.Interactive, 2),
                (BatchPriority.Bulk, 1), (BatchPriority.Bulk, 2),
            ],
            order);
    }

    [Fact]
    public async Task Run_interactive_batch_ahead_of_a_bulk_one_changes_neither_result()
    {
        using AlbertEngine engine = Open(threads: 1);
        (float[] bulk, float[] interactive) = (Encode(engine, BatchPriority.Bulk, tokens: 50), Encode(engine, BatchPriority.Interactive, tokens: 9));
        Task<float[]>? query = null;
        engine.Scheduler.LayerFinished = (_, _) =>
        {
            if (query is null)
            {
                query = Task.Run(() => Encode(engine, BatchPriority.Interactive, tokens: 9));
                SpinWait.SpinUntil(() => engine.Scheduler.Waiting > 0);
            }
        };

        Assert.Equal(bulk, Encode(engine, BatchPriority.Bulk, tokens: 50));
        Assert.Equal(interactive, await query!);
    }

    [Fact]
    public void Run_token_canceled_between_layers_stops_at_the_next_layer()
    {
        using AlbertEngine engine = Open(threads: 1);
        using var cancellation = new CancellationTokenSource();
        int layers = 0;
        engine.Scheduler.LayerFinished = (_, _) =>
        {
            layers++;
            cancellation.Cancel();
        };

        Assert.Throws<OperationCanceledException>(() => Encode(engine, BatchPriority.Bulk, cancellationToken: cancellation.Token));

        Assert.Equal(1, layers);
        engine.Scheduler.LayerFinished = null;
        Assert.NotEmpty(Encode(engine, BatchPriority.Bulk));
    }

    [Fact]
    public async Task Run_token_canceled_while_waiting_returns_before_the_threads_are_free()
    {
        using AlbertEngine engine = Open(threads: 1);
        using var cancellation = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        engine.Scheduler.LayerFinished = (_, _) =>
        {
            blocked.Set();
            release.Wait();
        };
        Task first = Task.Run(() => Encode(engine, BatchPriority.Bulk));
        blocked.Wait();
        Task second = Task.Run(() => Encode(engine, BatchPriority.Bulk, cancellationToken: cancellation.Token));
        SpinWait.SpinUntil(() => engine.Scheduler.Waiting > 0);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        Assert.False(first.IsCompleted);
        release.Set();
        await first;
    }

    [Fact]
    public void Run_error_in_a_thread_reaches_the_caller_and_the_engine_goes_on()
    {
        using AlbertEngine engine = Open(threads: 2);
        engine.Scheduler.LayerFinished = (_, _) => throw new InvalidOperationException("broken on purpose");
        Assert.Equal("broken on purpose", Assert.Throws<InvalidOperationException>(() => Encode(engine, BatchPriority.Bulk)).Message);
        engine.Scheduler.LayerFinished = null;
        Assert.NotEmpty(Encode(engine, BatchPriority.Bulk));
    }

    [Fact]
    public async Task Run_many_callers_at_once_get_the_results_of_one()
    {
        using AlbertEngine engine = Open(threads: 3);
        float[][] expected = [.. Enumerable.Range(1, 60).Select(tokens => Encode(engine, BatchPriority.Bulk, tokens))];
        Task<float[]>[] callers =
        [
            .. Enumerable.Range(0, 600).Select(i => Task.Run(() => Encode(engine, i % 3 == 0 ? BatchPriority.Interactive : BatchPriority.Bulk, (i % 60) + 1))),
        ];
        float[][] actual = await Task.WhenAll(callers);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.Equal(expected[i % 60], actual[i]);
        }
    }

    private static AlbertEngine Open(int threads)
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(RepositoryFiles.Golden("tiny-gelu"));
        return new AlbertEngine(checkpoint.Weights, threads);
    }

    private static float[] Encode(AlbertEngine engine, BatchPriority priority, int tokens = 10, CancellationToken cancellationToken = default)
    {
        var batch = new RaggedBatch();
        batch.Add([.. Enumerable.Range(0, tokens).Select(i => (i * 7) % engine.Config.VocabularySize)], new int[tokens]);
        batch.Add([1, 2, 3], [0, 0, 0]);
        float[] states = new float[batch.TokenCount * engine.Config.HiddenSize];
        engine.Encode(batch, new EncoderOutputs { LastHiddenState = states }, priority, cancellationToken);
        return states;
    }
}
