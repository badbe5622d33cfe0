using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

[Trait("Category", "Kernels")]
public sealed class AlbertEngineTests
{
    [Theory]
    [InlineData("tiny-gelu", 1)]
    [InlineData("tiny-gelu-new", 1)]
    [InlineData("tiny-groups", 1)]
    [InlineData("tiny-inner", 1)]
    [InlineData("tiny-gelu", 2)]
    [InlineData("tiny-inner", 3)]
    public void Encode_golden_inputs_gives_the_reference_states(string model, int threads)
    {
        IReadOnlyList<GoldenEncoderCase> cases = GoldenEncoderCase.Load(model);
        using AlbertEngine engine = Open(RepositoryFiles.Golden(model), threads);
        var batch = new RaggedBatch();
        foreach (GoldenEncoderCase item in cases)
        {
            batch.Add(item.Ids, item.SegmentIds);
        }

        (float[] states, float[] pooled) = Encode(engine, batch);

        GoldenEncoderCase.AssertClose(cases.SelectMany(c => c.LastHiddenState!).ToArray(), states);
        GoldenEncoderCase.AssertClose(cases.SelectMany(c => c.PoolerOutput!).ToArray(), pooled);
    }

    private static AlbertEngine Open(string folder, int threads)
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(folder);
        return new AlbertEngine(checkpoint.Weights, threads);
    }

    private static (float[] States, float[] Pooled) Encode(AlbertEngine engine, RaggedBatch batch)
    {
        var states = new float[batch.TokenCount * engine.Config.HiddenSize];
        var pooled = new float[batch.Count * engine.Config.HiddenSize];
        engine.Encode(batch, new EncoderOutputs { LastHiddenState = states, PoolerOutput = pooled }, BatchPriority.Bulk);
        return (states, pooled);
    }
}
