namespace AlbertSearch.Indexing.Tests;

public class NeighborHeapTests
{
    [Theory]
    [InlineData(0, 50)]
    [InlineData(1, 50)]
    [InlineData(10, 3)]
    [InlineData(10, 10)]
    [InlineData(10, 500)]
    public void Offer_many_keeps_the_best_in_order(int wanted, int offered)
    {
        var random = new Random(wanted + offered);
        var all = Enumerable.Range(0, offered).Select(slot => new Neighbor(slot, random.Next(20))).ToArray();
        random.Shuffle(all);
        var memory = new Neighbor[wanted];
        var heap = new NeighborHeap(memory);
        foreach (var neighbor in all)
        {
            heap.Offer(neighbor);
        }

        var kept = heap.SortBestFirst();
        Assert.Equal(all.Order().Take(wanted), memory.Take(kept));
    }
}
