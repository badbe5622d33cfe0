using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class CandidateHeapTests
{
    [Fact]
    public void TryPop_hands_out_the_greatest_first()
    {
        var random = new Random(1);
        var keys = Enumerable.Range(0, 1_000).Select(_ => (ulong)random.Next(300)).ToArray();
        var heap = new CandidateHeap();
        Array.ForEach(keys, heap.Push);
        Assert.Equal(keys.Max(), heap.Top);
        var popped = new List<ulong>();
        while (heap.TryPop(out var key))
        {
            popped.Add(key);
        }

        Assert.Equal(keys.OrderDescending(), popped);
        Assert.Equal(0, heap.Count);
    }
}
