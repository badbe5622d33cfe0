using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class BatchEncoderTests
{
    private static readonly AlbertConfig Config = new()
    {
        VocabularySize = 100,
        EmbeddingSize = 1,
        HiddenSize = 2,
        HiddenLayers = 1,
        HiddenGroups = 1,
        InnerGroupLayers = 1,
        AttentionHeads = 1,
        IntermediateSize = 1,
        MaxPositions = 20,
        TypeVocabularySize = 1,
        LayerNormEpsilon = 1e-12f,
        Activation = HiddenActivation.Relu,
        Labels = [],
    };

    [Fact]
    public void Encode_keeps_within_the_budget_and_hands_each_sequence_its_own_rows()
    {
        using var engine = new RecordingEngine();
        using var encoder = new BatchEncoder(engine, batchTokens: 10);
        int[] lengths = [3, 12, 1, 4, 7, 3, 2, 10];
        TokenSequence[] sequences = [.. lengths.Select((length, i) => TestSequences.Of([.. Enumerable.Repeat(i, length)]))];
        var states = new float[lengths.Length][];
        var pooled = new float[lengths.Length][];

        encoder.Encode(sequences, wantStates: true, wantPooled: true, BatchPriority.Bulk, (i, s, p) => (states[i], pooled[i]) = (s.ToArray(), p.ToArray()), CancellationToken.None);

        for (int i = 0; i < lengths.Length; i++)
        {
            Assert.Equal(Enumerable.Repeat((float)i, lengths[i] * Config.HiddenSize), states[i]);
            Assert.Equal(Enumerable.Repeat((float)-i, Config.HiddenSize), pooled[i]);
        }

        Assert.Equal([[12], [10], [7], [4, 3, 3], [2, 1]], engine.Batches);
    }

    [Fact]
    public void Encode_unwanted_outputs_are_not_asked_of_the_engine()
    {
        using var engine = new RecordingEngine();
        using var encoder = new BatchEncoder(engine, batchTokens: 10);
        bool empty = false;

        encoder.Encode([TestSequences.Of([1])], wantStates: false, wantPooled: true, BatchPriority.Interactive, (_, s, p) => empty = s.IsEmpty && !p.IsEmpty, CancellationToken.None);

        Assert.True(empty);
    }

    [Fact]
    public void Encode_sequence_that_is_too_long_or_empty_is_refused()
    {
        using var engine = new RecordingEngine();
        using var encoder = new BatchEncoder(engine, batchTokens: 10);

        Assert.Throws<ArgumentException>(() => Encode(encoder, TestSequences.Of(new int[21])));
        Assert.Throws<ArgumentException>(() => Encode(encoder, TestSequences.Of([])));
        Assert.Empty(engine.Batches);
    }

    [Fact]
    public void Encode_cancelled_stops_before_the_next_batch()
    {
        using var engine = new RecordingEngine();
        using var encoder = new BatchEncoder(engine, batchTokens: 1);
        using var cancellation = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => encoder.Encode(
            [TestSequences.Of([1]), TestSequences.Of([2])], wantStates: true, wantPooled: false, BatchPriority.Bulk, (_, _, _) => cancellation.Cancel(), cancellation.Token));
        Assert.Single(engine.Batches);
    }

    [Fact]
    public void Dispose_ends_the_engine()
    {
        using var engine = new RecordingEngine();
        new BatchEncoder(engine, batchTokens: 10).Dispose();

        Assert.Equal(1, engine.Disposals);
    }

    private static void Encode(BatchEncoder encoder, TokenSequence sequence) =>
        encoder.Encode([sequence], wantStates: true, wantPooled: false, BatchPriority.Bulk, (_, _, _) => { }, CancellationToken.None);

    /// <summary>An engine whose states are the token ids, and whose pooler gives the negative first id.</summary>
    private sealed class RecordingEngine : IEncoderEngine
    {
        public AlbertConfig Config => BatchEncoderTests.Config;

        public bool HasPooler => true;

        public List<int[]> Batches { get; } = [];

        public int Disposals { get; private set; }

        public void Encode(RaggedBatch batch, EncoderOutputs outputs, BatchPriority priority, CancellationToken cancellationToken = default)
        {
            int hidden = Config.HiddenSize;
            int[] lengths = new int[batch.Count];
            for (int i = 0; i < batch.Count; i++)
            {
                lengths[i] = batch.Starts[i + 1] - batch.Starts[i];
                if (!outputs.PoolerOutput.IsEmpty)
                {
                    outputs.PoolerOutput.Span.Slice(i * hidden, hidden).Fill(-batch.Ids[batch.Starts[i]]);
                }
            }

            for (int token = 0; token < batch.TokenCount && !outputs.LastHiddenState.IsEmpty; token++)
            {
                outputs.LastHiddenState.Span.Slice(token * hidden, hidden).Fill(batch.Ids[token]);
            }

            Batches.Add(lengths);
        }

        public void Dispose() => Disposals++;
    }
}
