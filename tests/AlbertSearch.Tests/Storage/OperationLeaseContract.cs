using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;
using AlbertSearch.Testing;

namespace AlbertSearch.Tests.Storage;

/// <summary>How every implementation of <see cref="IOperationQueue"/> gives out the writes of operations: leases, tries, lanes, and the order of writes to one document.</summary>
public abstract class OperationLeaseContract
{
    protected ManualTimeProvider Time { get; } = new();

    protected abstract Task<StorageUnderTest> OpenAsync(int maxWrites = 1_000);

    private static readonly string Large = new('x', QueuedWrite.LargeTextBytes + 1);

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
}
