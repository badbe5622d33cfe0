using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Tests.Weights;
using AlbertSearch.Embeddings.Weights;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class AlbertCheckpointTests
{
    private const string LayerPrefix = "encoder.albert_layer_groups.0.albert_layers.0.";

    [Theory]
    [InlineData("tiny-gelu", 1, 1, true, false)]
    [InlineData("tiny-groups", 3, 1, true, false)]
    [InlineData("tiny-inner", 1, 2, true, false)]
    [InlineData("tiny-seq-cls", 1, 1, true, true)]
    [InlineData("tiny-token-cls", 1, 1, false, true)]
    public void Load_recorded_model_has_the_parts_that_it_was_saved_with(string model, int groups, int inner, bool pooler, bool classifier)
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(RepositoryFiles.Golden(model));

        Assert.Equal(groups, checkpoint.Weights.Groups.Count);
        Assert.All(checkpoint.Weights.Groups, group => Assert.Equal(inner, group.Count));
        Assert.Equal(pooler, checkpoint.Weights.Pooler is not null);
        Assert.Equal(classifier, checkpoint.Weights.Classifier is not null);
    }

    [Fact]
    public void Load_default_model_keeps_its_own_precision()
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(RepositoryFiles.DefaultModel);

        Assert.Equal(WeightDataType.F16, checkpoint.Weights.WordEmbeddings.DataType);
        Assert.Equal([checkpoint.Weights.Config.VocabularySize, checkpoint.Weights.Config.EmbeddingSize], checkpoint.Weights.WordEmbeddings.Shape);
    }

    [Fact]
    public void Load_with_and_without_prefix_gives_the_same_weights()
    {
        using var model = new TinyModelFolder();
        using AlbertCheckpoint plain = AlbertCheckpoint.Load(RepositoryFiles.Golden("tiny-gelu"));
        model.ChangeWeights(weights => weights.Change(null, tensor => tensor with { Name = "albert." + tensor.Name }));
        using AlbertCheckpoint prefixed = AlbertCheckpoint.Load(model.Folder);

        Assert.Equal(plain.Weights.WordEmbeddings.ToArray(), prefixed.Weights.WordEmbeddings.ToArray());
        Assert.Equal(plain.Weights.Pooler!.Weight.ToArray(), prefixed.Weights.Pooler!.Weight.ToArray());
        Assert.Equal(plain.Weights.Groups[0][0].FeedForward.Weight.ToArray(), prefixed.Weights.Groups[0][0].FeedForward.Weight.ToArray());
    }

    [Theory]
    [InlineData(WeightDataType.F16, 1 / 2048f)]
    [InlineData(WeightDataType.BF16, 1 / 256f)]
    public void Load_sixteen_bit_weights_are_the_rounded_ones(WeightDataType dataType, float relativeError)
    {
        using var model = new TinyModelFolder();
        using AlbertCheckpoint full = AlbertCheckpoint.Load(RepositoryFiles.Golden("tiny-gelu"));
        model.ChangeWeights(weights => weights.Change(null, tensor => dataType == WeightDataType.F16 ? tensor.ToHalf() : tensor.ToBrain()));
        using AlbertCheckpoint rounded = AlbertCheckpoint.Load(model.Folder);

        float[] expected = full.Weights.Groups[0][0].FeedForward.Weight.ToArray();
        float[] actual = rounded.Weights.Groups[0][0].FeedForward.Weight.ToArray();
        Assert.Equal(dataType, rounded.Weights.WordEmbeddings.DataType);
        Assert.NotEqual(expected, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            // The second term is half the step of binary16 below its smallest normal number.
            Assert.True(Math.Abs(expected[i] - actual[i]) <= (Math.Abs(expected[i]) * relativeError) + 3e-8f, $"Element {i}: {actual[i]} for {expected[i]}.");
        }
    }

    [Fact]
    public void Load_tensors_that_no_encoder_needs_are_ignored_whatever_their_type()
    {
        using var model = new TinyModelFolder();
        model.ChangeWeights(weights =>
        {
            weights.Tensors.Add(new SafetensorsContent.Tensor("embeddings.position_ids", "I64", [1, 2], new byte[16]));
            weights.Tensors.Add(new SafetensorsContent.Tensor("predictions.bias", "F6_E3M2", [8], new byte[6]));
        });

        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(model.Folder);
        Assert.NotNull(checkpoint.Weights.Pooler);
    }

    [Theory]
    [InlineData("embeddings.word_embeddings.weight", "[200, 16]")]
    [InlineData("embeddings.LayerNorm.bias", "[16]")]
    [InlineData(LayerPrefix + "attention.query.weight", "[48, 48]")]
    [InlineData(LayerPrefix + "ffn_output.weight", "[48, 96]")]
    [InlineData("pooler.bias", "[48]")]
    public void Load_missing_tensor_is_named_with_its_shape(string name, string shape)
    {
        using var model = new TinyModelFolder();
        model.ChangeWeights(weights => Assert.Equal(1, weights.Tensors.RemoveAll(tensor => tensor.Name == name)));

        AssertRefused(model, model.WeightsFile, $"tensor '{name}' of shape {shape} is missing");
    }

    [Fact]
    public void Load_misshapen_tensor_is_named_with_both_shapes()
    {
        using var model = new TinyModelFolder();
        model.ChangeWeights(weights => weights.Change(LayerPrefix + "ffn.weight", tensor => tensor with { Shape = [48, 96] }));

        AssertRefused(model, model.WeightsFile, $"tensor '{LayerPrefix}ffn.weight' has shape [48, 96], but config.json asks for [96, 48]");
    }

    [Fact]
    public void Load_needed_tensor_of_another_type_is_named_with_its_type()
    {
        using var model = new TinyModelFolder();
        model.ChangeWeights(weights => weights.Change("pooler.bias", tensor => tensor with { DataType = "I32" }));

        AssertRefused(model, model.WeightsFile, "tensor 'pooler.bias' is of type I32; F32, F16 and BF16 are supported");
    }

    [Theory]
    [InlineData("tiny-seq-cls", "albert.pooler.weight")]
    [InlineData("tiny-seq-cls", "classifier.weight")]
    [InlineData("tiny-token-cls", "classifier.bias")]
    public void Load_classifier_without_its_head_is_refused(string golden, string name)
    {
        using var model = new TinyModelFolder(golden);
        model.ChangeWeights(weights => Assert.Equal(1, weights.Tensors.RemoveAll(tensor => tensor.Name == name)));

        AssertRefused(model, model.WeightsFile, $"tensor '{name}'");
    }

    [Fact]
    public void Load_labels_that_do_not_fit_the_head_are_refused()
    {
        using var model = new TinyModelFolder("tiny-seq-cls");
        model.SetConfig("id2label", """{"0": "no", "1": "yes"}""");

        AssertRefused(model, model.WeightsFile, "tensor 'classifier.weight' has shape [3, 48], but config.json asks for [2, 48]");
    }

    [Fact]
    public void Load_truncated_weights_are_refused()
    {
        using var model = new TinyModelFolder();
        using (FileStream stream = File.OpenWrite(model.WeightsFile))
        {
            stream.SetLength(stream.Length - 1);
        }

        AssertRefused(model, model.WeightsFile, "truncated");
    }

    [Theory]
    [InlineData("model.safetensors.index.json", "sharded")]
    [InlineData("pytorch_model.bin", "convert")]
    [InlineData("tf_model.h5", "convert")]
    [InlineData("unrelated.txt", "the file is missing")]
    public void Load_folder_without_safetensors_says_what_to_do(string other, string problem)
    {
        using var model = new TinyModelFolder();
        model.Delete("model.safetensors");
        model.Write(other, "{}");

        Assert.Contains(problem, Assert.Throws<ModelFormatException>(() => AlbertCheckpoint.Load(model.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_missing_folder_or_config_is_named()
    {
        using var model = new TinyModelFolder();
        model.Delete("config.json");

        AssertRefused(model, model.ConfigFile, "missing");
        Assert.Throws<ModelFormatException>(() => AlbertCheckpoint.Load(Path.Combine(model.Folder, "none")));
    }

    private static void AssertRefused(TinyModelFolder model, string path, string problem)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => AlbertCheckpoint.Load(model.Folder));
        Assert.Equal(path, error.Path);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
