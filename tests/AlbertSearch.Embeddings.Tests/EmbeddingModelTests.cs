using System.Text.Json;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Tests.Albert;
using AlbertSearch.Embeddings.Tokenization;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests;

public sealed class EmbeddingModelTests
{
    private const float BatchTolerance = 1e-5f;

    [Fact]
    public void GetEmbeddings_golden_texts_on_the_default_model_match_the_reference()
    {
        using EmbeddingModel model = EmbeddingModel.Load(RepositoryFiles.DefaultModel);
        using EmbeddingModel mean = EmbeddingModel.Load(RepositoryFiles.DefaultModel, new EmbeddingModelOptions { Pooling = PoolingMode.Mean });
        JsonElement[] cases = DefaultModelCases();
        TextSample[] samples = [.. cases.Select(item => new TextSample(item.GetProperty("text").GetString()!, item.TryGetProperty("pair", out JsonElement pair) ? pair.GetString() : null))];

        IReadOnlyList<TextFeatures> features = model.GetEmbeddings(samples, FeatureKinds.Pooled | FeatureKinds.Sequence | FeatureKinds.Vector);
        IReadOnlyList<TextFeatures> means = mean.GetEmbeddings(samples, FeatureKinds.Vector);

        for (int i = 0; i < cases.Length; i++)
        {
            Assert.Equal(Deserialize<int>(cases[i], "ids"), features[i].Tokens.Ids);
            float[] pooled = Deserialize<float>(cases[i], "pooler_output")!;
            GoldenEncoderCase.AssertClose(pooled, features[i].Pooled);
            VectorSimilarity.Normalize(pooled);
            GoldenEncoderCase.AssertClose(pooled, features[i].Vector);
            if (Deserialize<float>(cases[i], "last_hidden_state") is { } states)
            {
                GoldenEncoderCase.AssertClose(states, features[i].Sequence);
            }

            if (Deserialize<float>(cases[i], "mean_normalized") is { } vector)
            {
                GoldenEncoderCase.AssertClose(vector, means[i].Vector);
            }
        }
    }

    [Theory]
    [InlineData("tiny-gelu")]
    [InlineData("tiny-gelu-new")]
    [InlineData("tiny-groups")]
    [InlineData("tiny-inner")]
    public void GetEmbeddings_golden_ids_on_tiny_models_match_the_reference(string golden)
    {
        using var folder = new TinyModelFolder(golden);
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);
        IReadOnlyList<GoldenEncoderCase> cases = GoldenEncoderCase.Load(golden);

        IReadOnlyList<TextFeatures> features = model.GetEmbeddings(Sequences(cases), FeatureKinds.Pooled | FeatureKinds.Sequence);

        for (int i = 0; i < cases.Count; i++)
        {
            GoldenEncoderCase.AssertClose(cases[i].LastHiddenState, features[i].Sequence);
            GoldenEncoderCase.AssertClose(cases[i].PoolerOutput, features[i].Pooled);
            Assert.Null(features[i].Vector);
        }
    }

    [Theory]
    [InlineData("tiny-seq-cls", ClassificationTask.Sequence)]
    [InlineData("tiny-token-cls", ClassificationTask.Token)]
    public void Classify_golden_ids_gives_the_reference_logits(string golden, ClassificationTask task)
    {
        using var folder = new TinyModelFolder(golden);
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);
        IReadOnlyList<GoldenEncoderCase> cases = GoldenEncoderCase.Load(golden);

        IReadOnlyList<float[]> logits = model.Classify(Sequences(cases));

        Assert.Equal(task, model.Task);
        for (int i = 0; i < cases.Count; i++)
        {
            GoldenEncoderCase.AssertClose(cases[i].Logits, logits[i]);
        }
    }

    [Theory]
    [InlineData(PoolingMode.Pooler)]
    [InlineData(PoolingMode.Mean)]
    [InlineData(PoolingMode.Cls)]
    public void Embed_one_text_does_not_depend_on_its_batch(PoolingMode pooling)
    {
        using var folder = new TinyModelFolder();
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { Pooling = pooling, BatchTokens = 50 });
        var random = new Random(7);
        string[] texts = [.. Enumerable.Range(0, 40).Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(0, 40)).Select(_ => $"w{random.Next(5, 200)}")))];

        IReadOnlyList<float[]> together = model.Embed([.. texts.Select(text => model.Tokenizer.Encode(text, maxTokens: model.MaxTokens))], BatchPriority.Bulk);

        for (int i = 0; i < texts.Length; i++)
        {
            GoldenEncoderCase.AssertClose(model.Embed(texts[i]), together[i], BatchTolerance);
            Assert.Equal(1, Math.Sqrt(together[i].Sum(value => (double)value * value)), tolerance: 1e-6);
        }
    }

    [Fact]
    public void Embed_follows_the_pooling_of_the_raw_features()
    {
        using var folder = new TinyModelFolder();
        using EmbeddingModel pooler = EmbeddingModel.Load(folder.Folder);
        using EmbeddingModel cls = EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { Pooling = PoolingMode.Cls });
        TextFeatures raw = pooler.GetEmbeddings([new TextSample("w7 w8 w9")], FeatureKinds.Pooled | FeatureKinds.Sequence)[0];

        float[] pooled = raw.Pooled!;
        float[] first = raw.Sequence![..pooler.Dimension];
        VectorSimilarity.Normalize(pooled);
        VectorSimilarity.Normalize(first);
        GoldenEncoderCase.AssertClose(pooled, pooler.Embed("w7 w8 w9"), BatchTolerance);
        GoldenEncoderCase.AssertClose(first, cls.Embed("w7 w8 w9"), BatchTolerance);
    }

    [Fact]
    public void Load_engine_agrees_with_the_scalar_twin()
    {
        using var folder = new TinyModelFolder("tiny-inner");
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);
        using EmbeddingModel twin = EmbeddingModelLoader.Load(folder.Folder, new EmbeddingModelOptions(), (weights, _) => new ScalarAlbertEncoder(weights));

        Assert.Equal(twin.Identity, model.Identity);
        GoldenEncoderCase.AssertClose(twin.Embed("w12 w13 w14"), model.Embed("w12 w13 w14"));
    }

    [Theory]
    [InlineData(null, null, 32)]
    [InlineData(24, null, 24)]
    [InlineData(24, 10, 10)]
    [InlineData(24, 100, 24)]
    [InlineData(1000, null, 32)]
    public void MaxTokens_is_the_smallest_of_all_limits(int? maxSeqLength, int? option, int expected)
    {
        using var folder = new TinyModelFolder();
        if (maxSeqLength is not null)
        {
            folder.Write("sentence_bert_config.json", $$"""{"max_seq_length": {{maxSeqLength}}}""");
        }

        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { MaxTokens = option });

        Assert.Equal(expected, model.MaxTokens);
        Assert.Equal(64, model.MaxPositions);
    }

    [Fact]
    public void MaxTokens_without_other_limits_is_the_number_of_positions()
    {
        using var folder = new TinyModelFolder();
        folder.Write("tokenizer_config.json", """{"do_lower_case": true}""");

        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);

        Assert.Equal(64, model.MaxTokens);
    }

    [Fact]
    public void GetEmbeddings_text_over_the_limit_is_cut_and_says_so()
    {
        using var folder = new TinyModelFolder();
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);
        TextSample[] samples = [new(string.Join(' ', Enumerable.Repeat("w9", 100)))];

        TokenSequence standard = model.GetEmbeddings(samples, FeatureKinds.Vector)[0].Tokens;
        TokenSequence longest = model.GetEmbeddings(samples, FeatureKinds.Vector, maxTokens: 64)[0].Tokens;

        Assert.Equal((32, 70), (standard.Count, standard.TruncatedTokens));
        Assert.Equal((64, 38), (longest.Count, longest.TruncatedTokens));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.GetEmbeddings(samples, FeatureKinds.Vector, maxTokens: 65));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.GetEmbeddings(samples, FeatureKinds.Vector, maxTokens: 2));
    }

    [Fact]
    public void Load_pooling_of_the_folder_is_used_unless_an_option_overrides_it()
    {
        using var folder = new TinyModelFolder();
        folder.Write("1_Pooling/config.json", """{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""");
        using EmbeddingModel own = EmbeddingModel.Load(folder.Folder);
        using EmbeddingModel overridden = EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { Pooling = PoolingMode.Mean });

        Assert.Equal(PoolingMode.Cls, own.Pooling);
        Assert.Equal(PoolingMode.Mean, overridden.Pooling);
    }

    [Fact]
    public void Load_model_without_pooler_classifies_but_embeds_only_when_told_how()
    {
        using var folder = new TinyModelFolder("tiny-token-cls");
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);
        using EmbeddingModel mean = EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { Pooling = PoolingMode.Mean });

        Assert.False(model.CanEmbed);
        Assert.Equal(3 * model.Config.Labels.Count, model.Classify([new TextSample("w5")])[0].Length);
        Assert.NotNull(model.GetEmbeddings([new TextSample("w5")], FeatureKinds.Sequence)[0].Sequence);
        Assert.Contains("mean or cls", Assert.Throws<NotSupportedException>(() => model.Embed("w5")).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => model.GetEmbeddings([new TextSample("w5")], FeatureKinds.Vector));
        Assert.Throws<NotSupportedException>(() => model.GetEmbeddings([new TextSample("w5")], FeatureKinds.Pooled));
        Assert.True(mean.CanEmbed);
        Assert.Equal(mean.Dimension, mean.Embed("w5").Length);
        Assert.Throws<ModelFormatException>(() => EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { Pooling = PoolingMode.Pooler }));
    }

    [Fact]
    public void Classify_model_without_a_head_is_refused()
    {
        using var folder = new TinyModelFolder();
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);

        Assert.Throws<NotSupportedException>(() => model.Classify([new TextSample("w5")]));
    }

    [Fact]
    public void Embed_model_that_gives_zero_throws_a_typed_error()
    {
        using var folder = new TinyModelFolder();
        folder.ChangeWeights(weights =>
        {
            weights.Change("pooler.weight", tensor => tensor with { Bytes = new byte[tensor.Bytes.Length] });
            weights.Change("pooler.bias", tensor => tensor with { Bytes = new byte[tensor.Bytes.Length] });
        });
        using EmbeddingModel model = EmbeddingModel.Load(folder.Folder);

        Assert.Equal(0, Assert.Throws<DegenerateVectorException>(() => model.Embed("w5")).Norm);
    }

    [Fact]
    public void Load_tokenizer_with_more_ids_than_the_encoder_is_refused()
    {
        using var folder = new TinyModelFolder();
        File.AppendAllText(Path.Combine(folder.Folder, "vocab.txt"), "w200\n");

        Assert.Contains("201", Assert.Throws<ModelFormatException>(() => EmbeddingModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_max_seq_length_below_the_control_tokens_is_refused()
    {
        using var folder = new TinyModelFolder();
        folder.Write("sentence_bert_config.json", """{"max_seq_length": 2}""");

        Assert.Contains("max_seq_length", Assert.Throws<ModelFormatException>(() => EmbeddingModel.Load(folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_options_out_of_range_are_refused_by_name()
    {
        using var folder = new TinyModelFolder();

        AssertOutOfRange("MaxTokens", new EmbeddingModelOptions { MaxTokens = 2 });
        AssertOutOfRange("Threads", new EmbeddingModelOptions { Threads = -1 });
        AssertOutOfRange("BatchTokens", new EmbeddingModelOptions { BatchTokens = 0 });
        AssertOutOfRange("BatchTokens", new EmbeddingModelOptions { BatchTokens = (1 << 20) + 1 });
        AssertOutOfRange("Pooling", new EmbeddingModelOptions { Pooling = (PoolingMode)9 });
        AssertOutOfRange("Precision", new EmbeddingModelOptions { Precision = (Precision)9 });

        void AssertOutOfRange(string name, EmbeddingModelOptions options) =>
            Assert.Contains(name, Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddingModel.Load(folder.Folder, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embed_int8_model_is_near_the_fp32_model_but_another_one()
    {
        using EmbeddingModel floats = EmbeddingModel.Load(RepositoryFiles.DefaultModel);
        using EmbeddingModel codes = EmbeddingModel.Load(RepositoryFiles.DefaultModel, new EmbeddingModelOptions { Precision = Precision.Int8 });
        foreach (string text in (string[])["How do I reset my password?", "The parcel has not arrived.", "a"])
        {
            float cosine = floats.Embed(text).Zip(codes.Embed(text), (a, b) => a * b).Sum();
            Assert.InRange(cosine, 0.98f, 0.99999f);
        }

        Assert.NotEqual(floats.Identity, codes.Identity);
    }

    [Fact]
    public void Name_is_the_folders_unless_given()
    {
        using var folder = new TinyModelFolder();
        using EmbeddingModel unnamed = EmbeddingModel.Load(folder.Folder + Path.DirectorySeparatorChar);
        using EmbeddingModel named = EmbeddingModel.Load(folder.Folder, new EmbeddingModelOptions { Name = "mine" });

        Assert.Equal(Path.GetFileName(folder.Folder), unnamed.Name);
        Assert.Equal("mine", named.Name);
    }

    private static TokenSequence[] Sequences(IEnumerable<GoldenEncoderCase> cases) => [.. cases.Select(item => TestSequences.Of(item.Ids, item.SegmentIds))];

    private static JsonElement[] DefaultModelCases()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Golden("default-model.json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(item => item.Clone())];
    }

    private static T[]? Deserialize<T>(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.Deserialize<T[]>() : null;
}
