using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class EncoderSlicingTests
{
    [Fact]
    public void Cut_short_batch_is_shared_by_several_threads_and_whole_for_one()
    {
        AssertCut(shared: true, [0, 2], Cut(threads: 2, 8, 10));
        AssertCut(shared: false, [0, 2], Cut(threads: 1, 8, 10));
    }

    [Fact]
    public void Cut_one_long_sequence_among_few_is_shared() => AssertCut(shared: true, [0, 2], Cut(threads: 2, 500, 100));

    [Fact]
    public void Cut_large_batch_has_equal_slices_for_every_thread()
    {
        int[] lengths = Enumerable.Repeat(21, 195).ToArray();
        foreach (int threads in (int[])[1, 2, 3, 8])
        {
            (bool shared, int[] starts) = Cut(threads, lengths);
            Assert.False(shared);
            Assert.Equal(0, (starts.Length - 1) % threads);
            Assert.Equal((0, 195), (starts[0], starts[^1]));
            int[] tokens = [.. starts.Zip(starts.Skip(1), (from, to) => (to - from) * 21)];
            Assert.InRange(tokens.Max(), 1, EncoderSlicing.FullSlice + 21);
            Assert.InRange(tokens.Max() - tokens.Min(), 0, 2 * 21);
        }
    }

    [Fact]
    public void Cut_every_sequence_is_in_exactly_one_slice()
    {
        var random = new Random(4);
        for (int round = 0; round < 200; round++)
        {
            int[] lengths = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(1, 513))];
            (_, int[] starts) = Cut(random.Next(1, 6), lengths);
            Assert.Equal(0, starts[0]);
            Assert.Equal(lengths.Length, starts[^1]);
            Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        }
    }

    private static void AssertCut(bool shared, int[] starts, (bool Shared, int[] Starts) cut)
    {
        Assert.Equal(shared, cut.Shared);
        Assert.Equal(starts, cut.Starts);
    }

    private static (bool Shared, int[] Starts) Cut(int threads, params int[] lengths)
    {
        var starts = new List<int> { 0 };
        foreach (int length in lengths)
        {
            starts.Add(starts[^1] + length);
        }

        var slices = new List<int>();
        bool shared = EncoderSlicing.Cut(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(starts), threads, slices);
        return (shared, [.. slices]);
    }
}
