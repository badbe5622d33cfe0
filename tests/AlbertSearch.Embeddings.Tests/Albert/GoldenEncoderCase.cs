using System.Text.Json;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

/// <summary>One recorded input and what the reference implementation made of it.</summary>
internal sealed record GoldenEncoderCase(int[] Ids, int[] SegmentIds, float[]? LastHiddenState, float[]? PoolerOutput, float[]? Logits)
{
    /// <summary>Largest allowed difference: outputs were recorded with 7 decimals from 32-bit computation.</summary>
    public const float Tolerance = 1e-4f;

    /// <summary>The cases of <c>tests/golden/{model}/expected.json</c>.</summary>
    public static IReadOnlyList<GoldenEncoderCase> Load(string model)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RepositoryFiles.Golden(model), "expected.json")));
        var cases = new List<GoldenEncoderCase>();
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            cases.Add(new GoldenEncoderCase(
                item.GetProperty("ids").Deserialize<int[]>()!,
                item.GetProperty("types").Deserialize<int[]>()!,
                Floats(item, "last_hidden_state"),
                Floats(item, "pooler_output"),
                Floats(item, "logits")));
        }

        Assert.NotEmpty(cases);
        return cases;
    }

    /// <summary>Asserts that two equally long lists differ by no more than the tolerance anywhere.</summary>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"Element {i} is {actual[i]}, expected {expected[i]} within {tolerance}.");
        }
    }

    private static float[]? Floats(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.Deserialize<float[]>() : null;
}
