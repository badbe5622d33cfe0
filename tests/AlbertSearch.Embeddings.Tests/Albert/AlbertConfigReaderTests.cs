using AlbertSearch.Embeddings.Albert;

namespace AlbertSearch.Embeddings.Tests.Albert;

public sealed class AlbertConfigReaderTests
{
    [Fact]
    public void Read_recorded_config_gives_its_fields()
    {
        using var model = new TinyModelFolder("tiny-seq-cls");

        AlbertConfig config = AlbertConfigReader.Read(model.Folder);

        Assert.Equal(200, config.VocabularySize);
        Assert.Equal(16, config.EmbeddingSize);
        Assert.Equal(48, config.HiddenSize);
        Assert.Equal(3, config.HiddenLayers);
        Assert.Equal(1, config.HiddenGroups);
        Assert.Equal(1, config.InnerGroupLayers);
        Assert.Equal(4, config.AttentionHeads);
        Assert.Equal(96, config.IntermediateSize);
        Assert.Equal(64, config.MaxPositions);
        Assert.Equal(2, config.TypeVocabularySize);
        Assert.Equal(1e-12f, config.LayerNormEpsilon);
        Assert.Equal(HiddenActivation.GeluTanh, config.Activation);
        Assert.Equal(ClassificationTask.Sequence, config.Task);
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], config.Labels);
    }

    [Fact]
    public void Read_config_that_names_only_its_type_has_the_reference_defaults()
    {
        using var model = new TinyModelFolder();
        model.Write("config.json", """{"model_type": "albert"}""");

        AlbertConfig config = AlbertConfigReader.Read(model.Folder);

        Assert.Equal(30_000, config.VocabularySize);
        Assert.Equal(128, config.EmbeddingSize);
        Assert.Equal(4096, config.HiddenSize);
        Assert.Equal(12, config.HiddenLayers);
        Assert.Equal(1, config.HiddenGroups);
        Assert.Equal(1, config.InnerGroupLayers);
        Assert.Equal(64, config.AttentionHeads);
        Assert.Equal(16_384, config.IntermediateSize);
        Assert.Equal(512, config.MaxPositions);
        Assert.Equal(2, config.TypeVocabularySize);
        Assert.Equal(1e-12f, config.LayerNormEpsilon);
        Assert.Equal(HiddenActivation.GeluTanh, config.Activation);
        Assert.Equal(ClassificationTask.None, config.Task);
        Assert.Empty(config.Labels);
    }

    [Theory]
    [InlineData("gelu", HiddenActivation.Gelu)]
    [InlineData("gelu_new", HiddenActivation.GeluTanh)]
    [InlineData("gelu_pytorch_tanh", HiddenActivation.GeluTanh)]
    [InlineData("relu", HiddenActivation.Relu)]
    public void Read_known_activation_is_taken(string name, HiddenActivation expected)
    {
        using var model = new TinyModelFolder();
        model.SetConfig("hidden_act", $"\"{name}\"");

        Assert.Equal(expected, AlbertConfigReader.Read(model.Folder).Activation);
    }

    [Theory]
    [InlineData("model_type", "\"bert\"", "\"bert\"")]
    [InlineData("model_type", null, "missing")]
    [InlineData("model_type", "7", "a string")]
    [InlineData("hidden_act", "\"swish\"", "gelu, gelu_new, gelu_pytorch_tanh or relu")]
    [InlineData("hidden_act", "1", "a string")]
    [InlineData("position_embedding_type", "\"relative_key\"", "\"absolute\"")]
    [InlineData("pruned_heads", "{\"0\": [1]}", "pruned")]
    [InlineData("vocab_size", "0", "an integer from 1 to")]
    [InlineData("vocab_size", "-5", "an integer from 1 to")]
    [InlineData("vocab_size", "2147483648", "an integer from 1 to")]
    [InlineData("vocab_size", "200.5", "an integer from 1 to")]
    [InlineData("vocab_size", "\"200\"", "an integer from 1 to")]
    [InlineData("embedding_size", "0", "an integer from 1 to")]
    [InlineData("hidden_size", "100000000", "an integer from 1 to")]
    [InlineData("num_hidden_layers", "0", "an integer from 1 to")]
    [InlineData("num_hidden_layers", "1000000000", "an integer from 1 to")]
    [InlineData("num_hidden_groups", "4", "at most num_hidden_layers, which is 3")]
    [InlineData("inner_group_num", "true", "an integer from 1 to")]
    [InlineData("num_attention_heads", "5", "must divide hidden_size, which is 48")]
    [InlineData("num_attention_heads", "0", "an integer from 1 to")]
    [InlineData("intermediate_size", "[96]", "an integer from 1 to")]
    [InlineData("max_position_embeddings", "0", "an integer from 1 to")]
    [InlineData("type_vocab_size", "0", "an integer from 1 to")]
    [InlineData("layer_norm_eps", "0", "a number above 0")]
    [InlineData("layer_norm_eps", "1e-60", "a number above 0")]
    [InlineData("layer_norm_eps", "-1e-12", "a number above 0")]
    [InlineData("layer_norm_eps", "2", "at most 1")]
    [InlineData("architectures", "\"AlbertModel\"", "a list")]
    [InlineData("architectures", "[1]", "a string")]
    public void Read_field_out_of_range_is_refused_with_its_name_value_and_range(string field, string? json, string allowed)
    {
        using var model = new TinyModelFolder();
        model.SetConfig(field, json);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => AlbertConfigReader.Read(model.Folder));

        Assert.Equal(model.ConfigFile, error.Path);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_sizes_whose_product_is_too_large_are_refused()
    {
        using var model = new TinyModelFolder();
        model.SetConfig("vocab_size", "16777216");
        model.SetConfig("embedding_size", "65536");

        Assert.Contains("vocab_size (16777216) times embedding_size (65536)", Assert.Throws<ModelFormatException>(() => AlbertConfigReader.Read(model.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"0": "a", "2": "b"}""", "\"2\"")]
    [InlineData("""{"0": "a", "00": "b"}""", "\"00\"")]
    [InlineData("""{"-1": "a"}""", "\"-1\"")]
    [InlineData("""{"x": "a"}""", "\"x\"")]
    [InlineData("""{"0": 1}""", "a string")]
    [InlineData("""{}""", "0 labels")]
    [InlineData("""["a"]""", "an object")]
    public void Read_labels_that_are_not_numbered_through_are_refused(string json, string problem)
    {
        using var model = new TinyModelFolder("tiny-token-cls");
        model.SetConfig("id2label", json);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => AlbertConfigReader.Read(model.Folder));

        Assert.Contains("id2label", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_labels_in_any_order_are_sorted_by_id()
    {
        using var model = new TinyModelFolder("tiny-token-cls");
        model.SetConfig("id2label", """{"1": "B", "0": "A"}""");

        Assert.Equal(["A", "B"], AlbertConfigReader.Read(model.Folder).Labels);
    }

    [Fact]
    public void Read_head_without_labels_has_two_as_the_reference_has()
    {
        using var model = new TinyModelFolder("tiny-token-cls");
        model.SetConfig("id2label", null);

        Assert.Equal(["LABEL_0", "LABEL_1"], AlbertConfigReader.Read(model.Folder).Labels);
    }

    [Theory]
    [InlineData("[]", "JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    [InlineData("{\"model_type\": \"albert\", \"model_type\": \"albert\"}", "not valid JSON")]
    public void Read_file_that_is_no_object_is_refused(string text, string problem)
    {
        using var model = new TinyModelFolder();
        model.Write("config.json", text);

        Assert.Contains(problem, Assert.Throws<ModelFormatException>(() => AlbertConfigReader.Read(model.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_file_above_the_limit_is_refused_unread()
    {
        using var model = new TinyModelFolder();
        using (FileStream stream = File.Create(model.ConfigFile))
        {
            stream.SetLength(ModelJsonFile.MaxBytes + 1);
        }

        Assert.Contains($"at most {ModelJsonFile.MaxBytes}", Assert.Throws<ModelFormatException>(() => AlbertConfigReader.Read(model.Folder)).Message, StringComparison.Ordinal);
    }
}
