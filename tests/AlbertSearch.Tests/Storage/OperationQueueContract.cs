using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Storage;

/// <summary>What every implementation of <see cref="IOperationQueue"/> does with operations; <see cref="OperationLeaseContract"/> tells how their writes are given out.</summary>
public abstract class OperationQueueContract
{
    protected ManualTimeProvider Time { get; } = new();

    protected abstract Task<StorageUnderTest> OpenAsync(int maxWrites = 1_000);

    [Fact]
    public async Task Enqueue_accepts_writes_in_order_with_rising_sequence_numbers()
    {
        await using var storage = await OpenAsync();
        var first = await storage.EnqueueAsync(StorageUnderTest.Upsert("b", "one", """{"x":1}"""), StorageUnderTest.Upsert("a", "two", place: 1));
        await storage.EnqueueAsync(StorageUnderTest.Delete("c"));

        Assert.Equal((OperationState.Accepted, 2L, 0L), (first.State, first.Documents, first.Done));
        Assert.Equal(3, storage.Queue.Length);
        var writes = await storage.LeaseAsync("owner");
        Assert.Equal(["b", "a", "c"], writes.Select(write => write.DocumentId));
        Assert.True(writes.Zip(writes.Skip(1)).All(pair => pair.First.Sequence < pair.Second.Sequence));
        Assert.Equal(("one", """{"x":1}""", WriteKind.Upsert, 0L), (writes[0].Text, writes[0].Metadata, writes[0].Kind, writes[0].Place));
        Assert.Equal(WriteKind.Delete, writes[2].Kind);
    }

    [Fact]
    public async Task Enqueue_over_the_bound_throws_and_accepts_nothing()
    {
        await using var storage = await OpenAsync(maxWrites: 3);
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"), StorageUnderTest.Upsert("b"));
        var error = await Assert.ThrowsAsync<QueueFullException>(() => storage.EnqueueAsync(StorageUnderTest.Upsert("c"), StorageUnderTest.Upsert("d")));

        Assert.Contains("3", error.Message, StringComparison.Ordinal);
        Assert.True(error.RetryAfter > TimeSpan.Zero);
        Assert.Equal(2, storage.Queue.Length);
        await storage.EnqueueAsync(StorageUnderTest.Upsert("c"));
        Assert.Equal(["a", "b", "c"], (await storage.LeaseAsync("owner")).Select(write => write.DocumentId));
    }

    [Fact]
    public async Task Bulk_operation_grows_and_ends_after_it_is_sealed()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.Queue.BeginAsync(storage.NewOperation());
        await storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("a", place: 1)], [new FailedDocument { Line = 2, Column = 9, Code = ErrorCodes.InvalidJson, Message = "bad" }], 2);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var running = await storage.Queue.FindAsync(operation.Id);
        Assert.Equal((OperationState.Running, 1L, 1L), (running!.State, running.Documents, running.Done));

        await storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("b", place: 3)], [], 3);
        await storage.Queue.SealAsync(operation.Id, cutOff: false);
        await Assert.ThrowsAsync<ConflictException>(() => storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("c")], [], 4));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var ended = await storage.Queue.WaitAsync(operation.Id);
        Assert.Equal((OperationState.Completed, 2L, 2L, 2L, 1L), (ended.State, ended.Documents, ended.Done, ended.Added, ended.FailedCount));
        Assert.Equal((2L, 9L), (ended.Failed[0].Line, ended.Failed[0].Column));
        Assert.NotNull(ended.FinishedAt);
    }

    [Fact]
    public async Task Recover_seals_what_was_cut_off_and_frees_leases()
    {
        await using var storage = await OpenAsync();
        var cut = await storage.Queue.BeginAsync(storage.NewOperation());
        await storage.Queue.AppendAsync(cut.Id, [StorageUnderTest.Upsert("a")], [], 1);
        await storage.LeaseAsync("dead");
        var empty = await storage.Queue.BeginAsync(storage.NewOperation());
        await storage.Queue.RecoverAsync();

        Assert.Equal(OperationState.Completed, (await storage.Queue.FindAsync(empty.Id))!.State);
        Assert.Single(await storage.LeaseAsync("owner"));
        await storage.Queue.ReleaseAsync("owner");
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        Assert.Equal(OperationState.Completed, (await storage.Queue.FindAsync(cut.Id))!.State);
    }

    [Fact]
    public async Task List_pages_newest_first_and_filters_by_state()
    {
        await using var storage = await OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await storage.EnqueueAsync(StorageUnderTest.Upsert($"d{i}"))).Id);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await storage.Queue.ListAsync(null, cursor, 2);
            Assert.True(page.Operations.Count <= 2);
            seen.AddRange(page.Operations.Select(operation => operation.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Reverse(ids), seen);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        Assert.Empty((await storage.Queue.ListAsync(OperationState.Accepted, null, 10)).Operations);
        Assert.Equal(5, (await storage.Queue.ListAsync(OperationState.Completed, null, 10)).Operations.Count);
        await Assert.ThrowsAsync<InvalidRequestException>(() => storage.Queue.ListAsync(null, "rubbish", 2));
    }

    [Fact]
    public async Task Purge_forgets_only_what_ended_before()
    {
        await using var storage = await OpenAsync();
        var old = await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        Time.Advance(TimeSpan.FromHours(2));
        var young = await storage.EnqueueAsync(StorageUnderTest.Upsert("b"));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var waiting = await storage.EnqueueAsync(StorageUnderTest.Upsert("c"));

        Assert.Equal(1, await storage.Queue.PurgeAsync(Time.GetUtcNow() - TimeSpan.FromHours(1)));
        Assert.Null(await storage.Queue.FindAsync(old.Id));
        Assert.NotNull(await storage.Queue.FindAsync(young.Id));
        Assert.NotNull(await storage.Queue.FindAsync(waiting.Id));
    }

    [Fact]
    public async Task Canceled_operation_leaves_the_queue_with_what_is_leased()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.EnqueueAsync(StorageUnderTest.Upsert("a"), StorageUnderTest.Upsert("b"), StorageUnderTest.Upsert("c"));
        var applied = await storage.LeaseAsync("first", maxWrites: 1);
        await storage.Store.ApplyAsync([storage.Prepare(applied, _ => [StorageUnderTest.Query])], "first");
        var leased = await storage.LeaseAsync("owner", maxWrites: 1);
        var canceled = await storage.Queue.CancelAsync(operation.Id);
        Assert.Equal((OperationState.Canceled, 1L, 1L, 2L), (canceled.State, canceled.Done, canceled.Added, canceled.Canceled));
        Assert.NotNull(canceled.FinishedAt);
        Assert.Equal(0, storage.Queue.Length);
        Assert.Equal(0, await storage.Queue.RenewAsync("owner", TimeSpan.FromMinutes(1)));

        Assert.Equal(0, (await storage.Store.ApplyAsync([storage.Prepare(leased, _ => [StorageUnderTest.Query])], "owner")).Applied);
        Assert.Null(await storage.Store.FindAsync(storage.Collection.Key, leased[0].DocumentId));
        Assert.Equal(OperationState.Canceled, (await storage.Queue.CancelAsync(operation.Id)).State);
        await Assert.ThrowsAsync<NotFoundException>(() => storage.Queue.CancelAsync("nothing"));
    }

    [Fact]
    public async Task Cancel_of_a_bulk_load_ends_it()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.Queue.BeginAsync(storage.NewOperation());
        await storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("a")], [], 1);
        Assert.NotNull((await storage.Queue.CancelAsync(operation.Id)).FinishedAt);
        await Assert.ThrowsAsync<ConflictException>(() => storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("b")], [], 2));
        Assert.Empty(await storage.LeaseAsync("owner"));
    }

    [Fact]
    public async Task Same_request_under_one_key_is_accepted_once()
    {
        await using var storage = await OpenAsync();
        var hash = ContentHash.Of("request");
        var first = await storage.Queue.EnqueueAsync(storage.NewOperation() with { IdempotencyKey = "key", RequestHash = hash }, [StorageUnderTest.Upsert("a")]);
        var again = await storage.Queue.EnqueueAsync(storage.NewOperation() with { IdempotencyKey = "key", RequestHash = hash }, [StorageUnderTest.Upsert("a")]);
        Assert.Equal(first.Id, again.Id);
        Assert.Equal(1, storage.Queue.Length);
        Assert.Equal(first.Id, (await storage.Queue.FindByKeyAsync("key"))!.Id);
        Assert.Null(await storage.Queue.FindByKeyAsync("other"));

        await Assert.ThrowsAsync<ConflictException>(
            () => storage.Queue.EnqueueAsync(storage.NewOperation() with { IdempotencyKey = "key", RequestHash = ContentHash.Of("other") }, [StorageUnderTest.Upsert("b")]));
        await Assert.ThrowsAsync<ConflictException>(() => storage.Queue.BeginAsync(storage.NewOperation() with { IdempotencyKey = "key" }));
        Assert.Equal(1, storage.Queue.Length);
    }

    [Fact]
    public async Task Body_that_was_cut_off_is_taken_up_again()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.Queue.BeginAsync(storage.NewOperation() with { IdempotencyKey = "key" });
        await storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("a", place: 1), StorageUnderTest.Upsert("b", place: 2)], [], 2);
        await Assert.ThrowsAsync<ConflictException>(() => storage.Queue.ReopenAsync(operation.Id, 3));
        await storage.Queue.RecoverAsync();
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var cut = (await storage.Queue.FindByKeyAsync("key"))!;
        Assert.Equal((true, 2L, OperationState.Completed), (cut.CutOff, cut.Lines, cut.State));

        await Assert.ThrowsAsync<InvalidRequestException>(() => storage.Queue.ReopenAsync(operation.Id, 4));
        var open = await storage.Queue.ReopenAsync(operation.Id, 3);
        Assert.Equal((false, OperationState.Running, null), (open.CutOff, open.State, open.FinishedAt));
        await storage.Queue.AppendAsync(operation.Id, [StorageUnderTest.Upsert("c", place: 3)], [], 3);
        await storage.Queue.SealAsync(operation.Id, cutOff: false);
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        var ended = await storage.Queue.WaitAsync(operation.Id);
        Assert.Equal((3L, 3L, 3L, false), (ended.Documents, ended.Added, ended.Lines, ended.CutOff));
        await Assert.ThrowsAsync<ConflictException>(() => storage.Queue.ReopenAsync(operation.Id, 4));
    }

    [Fact]
    public async Task Operation_tells_its_rate_and_what_remains()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.EnqueueAsync([.. Enumerable.Range(0, 4).Select(i => StorageUnderTest.Upsert($"d{i}"))]);
        Assert.Null((await storage.Queue.FindAsync(operation.Id))!.DocumentsPerSecond);
        foreach (var write in await storage.LeaseAsync("owner", maxWrites: 2))
        {
            await storage.Store.ApplyAsync([storage.Prepare([write], _ => [StorageUnderTest.Query])], "owner");
        }

        Time.Advance(TimeSpan.FromSeconds(4));
        var running = (await storage.Queue.FindAsync(operation.Id))!;
        Assert.Equal(0.5, running.DocumentsPerSecond!.Value, 1e-9);
        Assert.Equal(TimeSpan.FromSeconds(4), running.Remaining);
    }

    [Fact]
    public async Task Wait_for_unknown_operation_throws()
    {
        await using var storage = await OpenAsync();
        await Assert.ThrowsAsync<NotFoundException>(() => storage.Queue.WaitAsync("nothing"));
    }
}
