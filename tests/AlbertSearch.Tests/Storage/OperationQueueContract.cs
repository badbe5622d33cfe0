using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Storage;

/// <summary>What every implementation of <see cref="IOperationQueue"/> does.</summary>
public abstract class OperationQueueContract
{
    protected ManualTimeProvider Time { get; } = new();

    protected abstract Task<StorageUnderTest> OpenAsync(int maxWrites = 1_000);

    private static readonly string Large = new('x', QueuedWrite.LargeTextBytes + 1);

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
    public async Task Leased_write_is_given_to_nobody_else_until_the_lease_expires()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"), StorageUnderTest.Upsert("b"));
        Assert.Single(await storage.LeaseAsync("first", maxWrites: 1));
        Assert.Equal(OperationState.Running, Assert.Single((await storage.Queue.ListAsync(null, null, 10)).Operations).State);

        Assert.Equal(["b"], (await storage.LeaseAsync("second")).Select(write => write.DocumentId));
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(await storage.LeaseAsync("third"));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a", "b"], (await storage.LeaseAsync("third")).Select(write => write.DocumentId));
    }

    [Fact]
    public async Task Renewed_lease_holds_and_released_one_does_not()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
        await storage.LeaseAsync("first");
        Time.Advance(TimeSpan.FromSeconds(40));
        await storage.Queue.RenewAsync("first", TimeSpan.FromMinutes(1));
        Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Empty(await storage.LeaseAsync("second"));

        await storage.Queue.ReleaseAsync("first");
        Assert.Single(await storage.LeaseAsync("second"));
    }

    [Fact]
    public async Task Later_write_waits_for_an_earlier_one_to_the_same_document()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "old"));
        Assert.Single(await storage.LeaseAsync("first"));
        await storage.EnqueueAsync(StorageUnderTest.Delete("a"), StorageUnderTest.Upsert("a", "new"), StorageUnderTest.Upsert("b"));

        Assert.Equal(["b"], (await storage.LeaseAsync("second")).Select(write => write.DocumentId));
        await storage.Queue.ReleaseAsync("first");
        var writes = await storage.LeaseAsync("third");
        Assert.Equal([WriteKind.Upsert, WriteKind.Delete, WriteKind.Upsert], writes.Select(write => write.Kind));
        Assert.Equal(["old", null, "new"], writes.Select(write => write.Text));
    }

    [Fact]
    public async Task Light_write_overtakes_other_documents_but_not_its_own()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(0, 10).Select(i => StorageUnderTest.Upsert($"d{i}"))]);
        await storage.EnqueueAsync(StorageUnderTest.Delete("d8"));

        var writes = await storage.LeaseAsync("owner", maxWrites: 2);
        Assert.Equal([("d8", WriteKind.Upsert), ("d8", WriteKind.Delete)], writes.Select(write => (write.DocumentId, write.Kind)));
    }

    [Fact]
    public async Task Lease_stops_at_the_byte_bound()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync([.. Enumerable.Range(0, 5).Select(i => StorageUnderTest.Upsert($"d{i}", new string('x', 100)))]);
        Assert.Equal(2, (await storage.Queue.LeaseAsync("owner", WriteLane.Small, TimeSpan.FromMinutes(1), 100, 150)).Count);
    }

    [Fact]
    public async Task Failing_write_is_put_off_then_parked_with_its_error()
    {
        await using var storage = await OpenAsync();
        var operation = await storage.EnqueueAsync(StorageUnderTest.Upsert("a", place: 7));
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var write = Assert.Single(await storage.LeaseAsync($"owner{attempt}"));
            Assert.Equal(attempt, write.Attempt);
            await storage.Queue.FailAsync(write, $"owner{attempt}", "poison", TimeSpan.FromSeconds(5), maxAttempts: 3);
            Assert.Empty(await storage.LeaseAsync("eager"));
            Time.Advance(TimeSpan.FromSeconds(5));
        }

        var ended = await storage.Queue.WaitAsync(operation.Id);
        Assert.Equal((OperationState.Completed, 1L, 1L, 0L), (ended.State, ended.Done, ended.FailedCount, ended.Added));
        var failure = Assert.Single(ended.Failed);
        Assert.Equal((7, "a", ErrorCodes.Internal), (failure.Index, failure.Id, failure.Code));
        Assert.Contains("poison", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, storage.Queue.Length);
    }

    [Fact]
    public async Task Later_write_waits_for_one_that_was_put_off()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "old"));
        var write = Assert.Single(await storage.LeaseAsync("owner"));
        await storage.Queue.FailAsync(write, "owner", "poison", TimeSpan.FromSeconds(5), maxAttempts: 3);
        await storage.EnqueueAsync(StorageUnderTest.Delete("a"));

        Assert.Empty(await storage.LeaseAsync("owner"));
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, (await storage.LeaseAsync("owner")).Count);
    }

    [Fact]
    public async Task Wait_for_work_ends_when_a_write_comes_in_or_back()
    {
        await using var storage = await OpenAsync();
        await storage.Queue.WaitForWorkAsync(WriteLane.Small);
        var waiting = storage.Queue.WaitForWorkAsync(WriteLane.Small);
        Assert.False(waiting.IsCompleted);
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));

        var write = Assert.Single(await storage.LeaseAsync("owner"));
        await storage.Queue.FailAsync(write, "owner", "poison", TimeSpan.FromSeconds(5), maxAttempts: 3);
        await storage.Queue.WaitForWorkAsync(WriteLane.Small);
        waiting = storage.Queue.WaitForWorkAsync(WriteLane.Small);
        while (!waiting.IsCompleted)
        {
            await Task.Yield();
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await waiting;
        Assert.Single(await storage.LeaseAsync("owner"));
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
    public async Task Write_goes_back_when_an_earlier_one_that_it_was_prepared_with_is_canceled()
    {
        await using var storage = await OpenAsync();
        var first = await storage.EnqueueAsync(StorageUnderTest.Upsert("a", "first"));
        var second = await storage.EnqueueAsync(StorageUnderTest.Patch("a", """{"x":1}"""));
        var leased = await storage.LeaseAsync("owner");
        Assert.Equal(2, leased.Count);
        await storage.Queue.CancelAsync(first.Id);
        var result = await storage.Store.ApplyAsync([storage.Prepare(leased, _ => [StorageUnderTest.Query])], "owner");

        Assert.Equal((0, 1), (result.Applied, result.Released));
        await storage.ApplyAllAsync(_ => [StorageUnderTest.Query]);
        Assert.Equal(ErrorCodes.NotFound, Assert.Single((await storage.Queue.WaitAsync(second.Id)).Failed).Code);
    }

    [Fact]
    public async Task Lanes_are_leased_apart()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a"), StorageUnderTest.Upsert("b", Large), StorageUnderTest.Upsert("c", Large[1..]), StorageUnderTest.Upsert("d", Large));
        Assert.Equal(["b"], (await storage.LeaseAsync("owner", maxWrites: 1, lane: WriteLane.Large)).Select(write => write.DocumentId));
        Assert.Equal(["a", "c"], (await storage.LeaseAsync("owner")).Select(write => write.DocumentId));
        Assert.Empty(await storage.LeaseAsync("owner"));
        Assert.Equal(["d"], (await storage.LeaseAsync("owner", lane: WriteLane.Large)).Select(write => write.DocumentId));
    }

    [Fact]
    public async Task Write_waits_for_an_earlier_one_to_its_document_in_the_other_lane()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(
            StorageUnderTest.Upsert("a", Large), StorageUnderTest.Upsert("a", "small"), StorageUnderTest.Patch("a", """{"x":1}"""), StorageUnderTest.Upsert("b", "small"), StorageUnderTest.Upsert("b", Large));
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal([4L], (await storage.LeaseAsync("small")).Select(write => write.Sequence));
            Assert.Equal([1L], (await storage.LeaseAsync("large", lane: WriteLane.Large)).Select(write => write.Sequence));
            Assert.Empty(await storage.LeaseAsync("other"));
            Assert.Empty(await storage.LeaseAsync("other", lane: WriteLane.Large));
            await storage.Queue.ReleaseAsync("small");
            await storage.Queue.ReleaseAsync("large");
        }

        var large = await storage.LeaseAsync("large", lane: WriteLane.Large);
        var waiting = storage.Queue.WaitForWorkAsync(WriteLane.Small);
        await waiting;
        await storage.Store.ApplyAsync([storage.Prepare(large, _ => [StorageUnderTest.Query])], "large");
        await storage.Queue.WaitForWorkAsync(WriteLane.Small);
        Assert.Equal([2L, 3L, 4L], (await storage.LeaseAsync("small")).Select(write => write.Sequence));
    }

    [Fact]
    public async Task Deletion_takes_a_large_write_before_it_along_unless_it_has_a_condition()
    {
        await using var storage = await OpenAsync();
        await storage.EnqueueAsync(StorageUnderTest.Upsert("a", Large), StorageUnderTest.Upsert("b", Large), StorageUnderTest.Upsert("c", Large));
        await storage.EnqueueAsync(StorageUnderTest.Delete("a"), StorageUnderTest.Delete("b") with { IfRevision = 1 });
        await storage.Queue.EnqueueDeletionAsync(storage.NewOperation(OperationKind.Delete), StorageUnderTest.ParseFilter("""{"x":1}"""));
        Assert.Equal([1L, 4L], (await storage.LeaseAsync("small")).Select(write => write.Sequence));
        Assert.Equal([2L, 3L], (await storage.LeaseAsync("large", lane: WriteLane.Large)).Select(write => write.Sequence));
        Assert.Empty(await storage.LeaseAsync("small"));
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
