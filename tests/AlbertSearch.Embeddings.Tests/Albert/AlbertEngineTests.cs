using System.Text.Json;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class AlbertEngineTests
{
    [Theory]
    [Trait("Category", "Kernels")]
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

    [Fact]
    public void Encode_default_model_gives_the_reference_vectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Golden("default-model.json")));
        using AlbertEngine engine = Open(RepositoryFiles.DefaultModel, threads: 2);
        var batch = new RaggedBatch();
        var expected = new List<float>();
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] ids = item.GetProperty("ids").Deserialize<int[]>()!;
            batch.Add(ids, item.TryGetProperty("types", out JsonElement types) ? types.Deserialize<int[]>()! : new int[ids.Length]);
            expected.AddRange(item.GetProperty("pooler_output").Deserialize<float[]>()!);
        }

        (_, float[] pooled) = Encode(engine, batch);

        GoldenEncoderCase.AssertClose(expected.ToArray(), pooled);
    }

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Int8)]
    public void Encode_any_number_of_threads_is_bit_identical(Precision precision)
    {
        using AlbertEngine one = Open(RepositoryFiles.DefaultModel, threads: 1, precision);
        using AlbertEngine two = Open(RepositoryFiles.DefaultModel, threads: 2, precision);
        using AlbertEngine five = Open(RepositoryFiles.DefaultModel, threads: 5, precision);

        // Less than a slice a thread (shared), several slices, and one long sequence among short ones.
        foreach (int[] lengths in (int[][])[[8], [21, 40, 3], [100, 60, 7, 90, 33], [220, 5, 9]])
        {
            RaggedBatch batch = Random(one.Config, seed: lengths.Length, lengths);
            (float[] states, float[] pooled) = Encode(one, batch);
            foreach (AlbertEngine engine in (AlbertEngine[])[two, five])
            {
                (float[] otherStates, float[] otherPooled) = Encode(engine, batch);
                Assert.Equal(states, otherStates);
                Assert.Equal(pooled, otherPooled);
            }
        }
    }

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Int8)]
    public void Encode_batch_is_bit_identical_to_its_texts_alone(Precision precision)
    {
        using AlbertEngine engine = Open(RepositoryFiles.DefaultModel, threads: 2, precision);
        int[] lengths = [1, 2, 8, 9, 12, 13, 21, 40, 100];
        RaggedBatch batch = Random(engine.Config, seed: 5, lengths);
        (float[] states, float[] pooled) = Encode(engine, batch);
        for (int i = 0; i < lengths.Length; i++)
        {
            Range tokens = batch.Starts[i]..batch.Starts[i + 1];
            var alone = new RaggedBatch();
            alone.Add(batch.Ids[tokens], batch.SegmentIds[tokens]);
            (float[] aloneStates, float[] alonePooled) = Encode(engine, alone);
            int hidden = engine.Config.HiddenSize;
            Assert.Equal(aloneStates, states[(batch.Starts[i] * hidden)..(batch.Starts[i + 1] * hidden)]);
            Assert.Equal(alonePooled, pooled[(i * hidden)..((i + 1) * hidden)]);
        }
    }

    [Theory]
    [InlineData("tiny-gelu", Precision.Fp32)]
    [InlineData("tiny-inner", Precision.Int8)]
    public void Encode_pooler_alone_is_bit_identical_to_pooler_among_all_states(string model, Precision precision)
    {
        using AlbertEngine engine = Open(RepositoryFiles.Golden(model), threads: 2, precision);
        foreach (int[] lengths in (int[][])[[5], [20, 1, 33, 60, 47, 2, 31, 64, 64, 40]])
        {
            RaggedBatch batch = Random(engine.Config, seed: 3, lengths);
            (_, float[] expected) = Encode(engine, batch);
            float[] pooled = new float[expected.Length];
            engine.Encode(batch, new EncoderOutputs { PoolerOutput = pooled }, BatchPriority.Interactive);
            Assert.Equal(expected, pooled);
        }
    }

    [Fact]
    public void Encode_states_alone_need_no_pooler()
    {
        using AlbertEngine engine = Open(RepositoryFiles.Golden("tiny-token-cls"), threads: 1);
        Assert.False(engine.HasPooler);
        RaggedBatch batch = Random(engine.Config, seed: 1, 7);
        float[] states = new float[7 * engine.Config.HiddenSize];
        engine.Encode(batch, new EncoderOutputs { LastHiddenState = states }, BatchPriority.Bulk);
        Assert.DoesNotContain(states, x => !float.IsFinite(x));
        Assert.Throws<ArgumentException>(() => engine.Encode(batch, new EncoderOutputs { PoolerOutput = new float[engine.Config.HiddenSize] }, BatchPriority.Bulk));
    }

    [Fact]
    public void Encode_input_out_of_range_is_refused_before_anything_is_computed()
    {
        using AlbertEngine engine = Open(RepositoryFiles.Golden("tiny-gelu"), threads: 1);
        AlbertConfig config = engine.Config;
        AssertRefused(engine, [config.VocabularySize], [0], $"Token id {config.VocabularySize} at token 0");
        AssertRefused(engine, [1, -1], [0, 0], "Token id -1 at token 1");
        AssertRefused(engine, [1], [config.TypeVocabularySize], $"Segment id {config.TypeVocabularySize}");
        AssertRefused(engine, new int[config.MaxPositions + 1], new int[config.MaxPositions + 1], $"at most {config.MaxPositions}");

        var batch = new RaggedBatch();
        batch.Add([1, 2], [0, 0]);
        float[] tooShort = new float[config.HiddenSize];
        Assert.Throws<ArgumentException>(() => engine.Encode(batch, new EncoderOutputs { LastHiddenState = tooShort }, BatchPriority.Bulk));
        Assert.Throws<ArgumentException>(() => engine.Encode(batch, new EncoderOutputs { PoolerOutput = new float[5] }, BatchPriority.Bulk));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Encode(batch, default, (BatchPriority)7));
    }

    [Fact]
    public void Encode_empty_batch_does_nothing()
    {
        using AlbertEngine engine = Open(RepositoryFiles.Golden("tiny-gelu"), threads: 1);
        engine.Encode(new RaggedBatch(), default, BatchPriority.Bulk);
    }

    [Fact]
    public void Encode_disposed_engine_throws()
    {
        AlbertEngine engine = Open(RepositoryFiles.Golden("tiny-gelu"), threads: 2);
        engine.Dispose();
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Encode(Random(engine.Config, 1, 3), default, BatchPriority.Bulk));
    }

    [Fact]
    public void Constructor_no_threads_is_refused()
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(RepositoryFiles.Golden("tiny-gelu"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlbertEngine(checkpoint.Weights, 0));
    }

    [Fact]
    public void Encode_int8_stays_near_fp32()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Golden("default-model.json")));
        using AlbertEngine floats = Open(RepositoryFiles.DefaultModel, threads: 1);
        using AlbertEngine codes = Open(RepositoryFiles.DefaultModel, threads: 1, Precision.Int8);
        var batch = new RaggedBatch();
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] ids = item.GetProperty("ids").Deserialize<int[]>()!;
            batch.Add(ids, item.TryGetProperty("types", out JsonElement types) ? types.Deserialize<int[]>()! : new int[ids.Length]);
        }

        (_, float[] expected) = Encode(floats, batch);
        (_, float[] actual) = Encode(codes, batch);

        int hidden = floats.Config.HiddenSize;
        double[] cosines = [.. Enumerable.Range(0, batch.Count).Select(i => Cosine(expected.AsSpan(i * hidden, hidden), actual.AsSpan(i * hidden, hidden)))];
        Assert.True(cosines.Average() >= 0.995, $"The mean cosine is {cosines.Average()}.");
        Assert.True(cosines.Min() >= 0.98, $"The worst cosine is {cosines.Min()}.");
    }

    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        (double dot, double aa, double bb) = (0, 0, 0);
        for (int i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return dot / Math.Sqrt(aa * bb);
    }

    private static void AssertRefused(AlbertEngine engine, int[] ids, int[] segmentIds, string message)
    {
        var batch = new RaggedBatch();
        batch.Add(ids, segmentIds);
        ArgumentException error = Assert.Throws<ArgumentException>(() => engine.Encode(batch, default, BatchPriority.Bulk));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static RaggedBatch Random(AlbertConfig config, int seed, params int[] lengths)
    {
        var random = new Random(seed);
        var batch = new RaggedBatch();
        foreach (int length in lengths)
        {
            batch.Add(
                [.. Enumerable.Range(0, length).Select(_ => random.Next(config.VocabularySize))],
                [.. Enumerable.Range(0, length).Select(_ => random.Next(config.TypeVocabularySize))]);
        }

        return batch;
    }

    private static AlbertEngine Open(string folder, int threads, Precision precision = Precision.Fp32)
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(folder);
        return new AlbertEngine(checkpoint.Weights, new AlbertEngineOptions { Threads = threads, Precision = precision });
    }

    private static (float[] States, float[] Pooled) Encode(AlbertEngine engine, RaggedBatch batch)
    {
        var states = new float[batch.TokenCount * engine.Config.HiddenSize];
        var pooled = new float[batch.Count * engine.Config.HiddenSize];
        engine.Encode(batch, new EncoderOutputs { LastHiddenState = states, PoolerOutput = pooled }, BatchPriority.Bulk);
        return (states, pooled);
    }
}
