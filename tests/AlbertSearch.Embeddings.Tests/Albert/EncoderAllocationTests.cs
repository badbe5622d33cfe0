using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

/// <summary>Runs alone, because it counts what the whole process allocates.</summary>
[CollectionDefinition("Allocations", DisableParallelization = true)]
[Collection("Allocations")]
public sealed class EncoderAllocationTests
{
    [Theory]
    [InlineData(1, Precision.Fp32)]
    [InlineData(2, Precision.Fp32)]
    [InlineData(2, Precision.Int8)]
    public void Encode_after_warm_up_allocates_nothing(int threads, Precision precision)
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(RepositoryFiles.Golden("tiny-gelu"));
        using var engine = new AlbertEngine(checkpoint.Weights, new AlbertEngineOptions { Threads = threads, Precision = precision });
        var batch = new RaggedBatch();
        for (int i = 1; i <= 20; i++)
        {
            batch.Add(Enumerable.Range(0, i * 3).ToArray(), new int[i * 3]);
        }

        var outputs = new EncoderOutputs { LastHiddenState = new float[batch.TokenCount * engine.Config.HiddenSize], PoolerOutput = new float[batch.Count * engine.Config.HiddenSize] };
        using var cancellation = new CancellationTokenSource();
        long least = long.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int call = 0; call < 10; call++)
            {
                engine.Encode(batch, outputs, BatchPriority.Bulk, cancellation.Token);
                engine.Encode(batch, outputs, BatchPriority.Interactive, cancellation.Token);
            }

            // The test host's own threads allocate now and then, hence the least of the rounds.
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);
    }
}
