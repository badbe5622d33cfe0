namespace AlbertSearch.Embeddings.Tests.Kernels;

/// <summary>Inputs for the kernel tests: seeded, at addresses that are a multiple of nothing.</summary>
internal static class KernelData
{
    /// <summary>Every length from 1 to past four of the widest registers.</summary>
    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 67)];

    /// <summary>Normally spread values, one float off the start of an array.</summary>
    public static Memory<float> Normal(int length, int seed, float spread = 1f)
    {
        var random = new Random(seed);
        var values = new float[length + 1];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = spread * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values.AsMemory(1);
    }

    /// <summary>Asserts that a and b differ by at most the tolerance, or are both not a number.</summary>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var same = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance;
            Assert.True(same, $"Element {i} of {expected.Length} is {actual[i]}, expected {expected[i]} within {tolerance}.");
        }
    }
}
