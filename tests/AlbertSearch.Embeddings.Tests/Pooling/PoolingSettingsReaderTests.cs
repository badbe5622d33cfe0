using AlbertSearch.Embeddings.Pooling;

namespace AlbertSearch.Embeddings.Tests.Pooling;

public sealed class PoolingSettingsReaderTests
{
    private const int HiddenSize = 48;
    private const string PoolingFile = "1_Pooling/config.json";

    [Fact]
    public void Read_folder_without_files_names_nothing()
    {
        using var model = new TinyModelFolder();

        Assert.Equal(new PoolingSettings(null, null), PoolingSettingsReader.Read(model.Folder, HiddenSize));
    }

    [Theory]
    [InlineData("""{"word_embedding_dimension": 48, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": false, "pooling_mode_mean_sqrt_len_tokens": false}""", PoolingMode.Mean)]
    [InlineData("""{"word_embedding_dimension": 48, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false, "include_prompt": true}""", PoolingMode.Cls)]
    [InlineData("""{"embedding_dimension": 48, "pooling_mode": "mean"}""", PoolingMode.Mean)]
    [InlineData("""{"pooling_mode": "cls"}""", PoolingMode.Cls)]
    [InlineData("""{"word_embedding_dimension": 48}""", PoolingMode.Mean)]
    public void Read_supported_pooling_is_taken(string json, PoolingMode expected)
    {
        using var model = new TinyModelFolder();
        model.Write(PoolingFile, json);

        Assert.Equal(expected, PoolingSettingsReader.Read(model.Folder, HiddenSize).Mode);
    }

    [Theory]
    [InlineData("""{"pooling_mode_mean_tokens": false, "pooling_mode_max_tokens": true}""", "pooling_mode_max_tokens")]
    [InlineData("""{"pooling_mode_mean_sqrt_len_tokens": true}""", "pooling_mode_mean_sqrt_len_tokens")]
    [InlineData("""{"pooling_mode_weightedmean_tokens": true}""", "pooling_mode_weightedmean_tokens")]
    [InlineData("""{"pooling_mode_lasttoken": true}""", "pooling_mode_lasttoken")]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}""", "pooling_mode_cls_token + pooling_mode_mean_tokens")]
    [InlineData("""{"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": false}""", "are false")]
    [InlineData("""{"pooling_mode_mean_tokens": "yes"}""", "true or false")]
    [InlineData("""{"pooling_mode": "max"}""", "\"max\"")]
    [InlineData("""{"pooling_mode": ["mean"]}""", "a string")]
    [InlineData("""{"word_embedding_dimension": 384, "pooling_mode": "mean"}""", "hidden_size, 48")]
    [InlineData("""[]""", "JSON object")]
    public void Read_other_pooling_is_refused_by_name(string json, string problem)
    {
        using var model = new TinyModelFolder();
        model.Write(PoolingFile, json);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => PoolingSettingsReader.Read(model.Folder, HiddenSize));

        Assert.EndsWith("config.json", error.Path, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_modules_lead_to_the_pooling_folder()
    {
        using var model = new TinyModelFolder();
        model.Write("modules.json", """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "2_Other", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """);
        model.Write("2_Other/config.json", """{"pooling_mode": "cls"}""");
        model.Write(PoolingFile, """{"pooling_mode": "mean"}""");

        Assert.Equal(PoolingMode.Cls, PoolingSettingsReader.Read(model.Folder, HiddenSize).Mode);
    }

    [Theory]
    [InlineData("""[{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]""", "sentence_transformers.models.Dense is not supported")]
    [InlineData("""[{"path": "", "type": "sentence_transformers.models.CNN"}]""", "sentence_transformers.models.CNN is not supported")]
    [InlineData("""[{"path": "0_Transformer", "type": "sentence_transformers.models.Transformer"}]""", "0_Transformer")]
    [InlineData("""[{"path": "../other", "type": "sentence_transformers.models.Pooling"}]""", "../other")]
    [InlineData("""[{"path": "..", "type": "sentence_transformers.models.Pooling"}]""", "'..'")]
    [InlineData("""[{"path": "/etc", "type": "sentence_transformers.models.Pooling"}]""", "/etc")]
    [InlineData("""[{"path": "a", "type": "x.Pooling"}, {"path": "b", "type": "x.Pooling"}]""", "more than one")]
    [InlineData("""[{"path": "a"}]""", "no type")]
    [InlineData("""[7]""", "JSON object")]
    [InlineData("""{}""", "list of modules")]
    public void Read_modules_that_are_not_computed_are_refused_by_name(string json, string problem)
    {
        using var model = new TinyModelFolder();
        model.Write("modules.json", json);

        Assert.Contains(problem, Assert.Throws<ModelFormatException>(() => PoolingSettingsReader.Read(model.Folder, HiddenSize)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 24, "do_lower_case": false}""", 24)]
    [InlineData("sentence_albert_config.json", """{"max_seq_length": 24}""", 24)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": null}""", null)]
    public void Read_maximum_length_is_taken(string name, string json, int? expected)
    {
        using var model = new TinyModelFolder();
        model.Write(name, json);

        Assert.Equal(expected, PoolingSettingsReader.Read(model.Folder, HiddenSize).MaxSequenceLength);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e99")]
    [InlineData("\"24\"")]
    public void Read_maximum_length_out_of_range_is_refused(string value)
    {
        using var model = new TinyModelFolder();
        model.Write("sentence_bert_config.json", $$"""{"max_seq_length": {{value}}}""");

        Assert.Contains($"max_seq_length is {value}", Assert.Throws<ModelFormatException>(() => PoolingSettingsReader.Read(model.Folder, HiddenSize)).Message, StringComparison.Ordinal);
    }
}
