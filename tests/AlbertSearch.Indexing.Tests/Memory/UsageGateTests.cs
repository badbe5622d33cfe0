using AlbertSearch.Indexing.Memory;

namespace AlbertSearch.Indexing.Tests.Memory;

public class UsageGateTests
{
    [Fact]
    public void Close_with_a_user_inside_releases_when_the_user_leaves()
    {
        var released = 0;
        var gate = new UsageGate(this, () => released++);
        gate.Enter();
        gate.Close();
        gate.Close();
        Assert.Equal(0, released);
        Assert.Throws<ObjectDisposedException>(gate.Enter);
        gate.Exit();
        Assert.Equal(1, released);
        Assert.Throws<ObjectDisposedException>(gate.Enter);
    }
}
