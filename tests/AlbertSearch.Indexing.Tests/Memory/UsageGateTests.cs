using AlbertSearch.Indexing.Memory;

namespace AlbertSearch.Indexing.Tests.Memory;

public class UsageGateTests
{
    [Fact]
    public void Close_with_a_user_inside_releases_when_the_user_leaves()
    {
        var released = 0;
        var gate = new UsageGate(this, () => released++);
        var use = gate.Enter();
        gate.Close();
        gate.Close();
        Assert.Equal(0, released);
        Assert.Throws<ObjectDisposedException>(() => gate.Enter());
        use.Dispose();
        Assert.Equal(1, released);
        Assert.Throws<ObjectDisposedException>(() => gate.Enter());
    }

    [Fact]
    public void TryRetire_frees_when_the_last_user_of_that_time_leaves()
    {
        var gate = new UsageGate(this, () => { });
        using var block = NativeBuffer.Allocate(64);
        var before = gate.Enter();
        var other = gate.Enter();
        Assert.True(gate.TryRetire(() => [block]));
        using var after = gate.Enter();
        before.Dispose();
        Assert.False(block.IsClosed);
        other.Dispose();
        Assert.True(block.IsClosed);
    }

    [Fact]
    public void TryRetire_twice_keeps_the_second_memory_for_the_users_of_the_first()
    {
        var released = 0;
        var gate = new UsageGate(this, () => released++);
        using var first = NativeBuffer.Allocate(64);
        using var second = NativeBuffer.Allocate(64);
        var oldest = gate.Enter();
        Assert.True(gate.TryRetire(() => [first]));
        var middle = gate.Enter();
        Assert.True(gate.TryRetire(() => [second]));
        gate.Close();
        middle.Dispose();
        Assert.Equal((false, false, 0), (first.IsClosed, second.IsClosed, released));
        oldest.Dispose();
        Assert.Equal((true, true, 1), (first.IsClosed, second.IsClosed, released));
    }

    [Fact]
    public void TryRetire_without_users_frees_at_once_and_not_after_closing()
    {
        var gate = new UsageGate(this, () => { });
        using var block = NativeBuffer.Allocate(64);
        Assert.True(gate.TryRetire(() => [block]));
        Assert.True(block.IsClosed);
        gate.Close();
        Assert.False(gate.TryRetire(() => throw new InvalidOperationException("It is closed.")));
    }

    [Fact]
    public async Task Enter_beside_retirements_never_meets_freed_memory()
    {
        var gate = new UsageGate(this, () => { });
        var current = NativeBuffer.Allocate(64);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            do
            {
                using var use = gate.Enter();
                var seen = Volatile.Read(ref current);
                Assert.False(seen.IsClosed);
                Thread.SpinWait(20);
                Assert.False(seen.IsClosed);
            }
            while (!stop.IsCancellationRequested);
        })).ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            Assert.True(gate.TryRetire(() =>
            {
                var old = current;
                Volatile.Write(ref current, NativeBuffer.Allocate(64));
                return [old];
            }));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        current.Dispose();
    }
}
