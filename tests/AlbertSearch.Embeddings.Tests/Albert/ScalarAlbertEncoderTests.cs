using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class ScalarAlbertEncoderTests
{
    [Theory]
    [InlineData("tiny-gelu")]
    [InlineData("tiny-gelu-new")]
    [InlineData("tiny-groups")]
    [InlineData("tiny-inner")]
    public void Encode_golden_inputs_gives_the_reference_states(string model)
    {
        IReadOnlyList<GoldenEncoderCase> cases = GoldenEncoderCase.Load(model);
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(RepositoryFiles.Golden(model));
        using var encoder = new ScalarAlbertEncoder(checkpoint.Weights);
        var batch = new RaggedBatch();
        foreach (GoldenEncoderCase item in cases)
        {
            batch.Add(item.Ids, item.SegmentIds);
        }

        float[] states = new float[batch.TokenCount * encoder.Config.HiddenSize];
        float[] pooled = new float[batch.Count * encoder.Config.HiddenSize];
        encoder.Encode(batch, new EncoderOutputs { LastHiddenState = states, PoolerOutput = pooled }, BatchPriority.Bulk);

        GoldenEncoderCase.AssertClose(cases.SelectMany(c => c.LastHiddenState!).ToArray(), states);
        GoldenEncoderCase.AssertClose(cases.SelectMany(c => c.PoolerOutput!).ToArray(), pooled);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(-1, -0.8427007929497149)]
    [InlineData(3, 0.9999779095030014)]
    [InlineData(7, 1)]
    public void Erf_known_points_match(double x, double expected) => Assert.Equal(expected, ScalarAlbertEncoder.Erf(x), tolerance: 1e-14);
}
