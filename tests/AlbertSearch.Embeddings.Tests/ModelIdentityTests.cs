using System.Text.Json.Nodes;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Embeddings.Tokenization;

namespace AlbertSearch.Embeddings.Tests;

public sealed class ModelIdentityTests
{
    private const string TokenizerConfigFile = "tokenizer_config.json";

    [Fact]
    public void Compute_is_a_sha256_that_does_not_depend_on_the_folder()
    {
        using var first = new TinyModelFolder();
        using var second = new TinyModelFolder();

        string identity = Identity(first);

        Assert.Equal(identity, Identity(second));
        Assert.Matches("^[0-9a-f]{64}$", identity);
    }

    [Theory]
    [InlineData("hidden_act", "\"gelu_new\"")]
    [InlineData("layer_norm_eps", "1e-11")]
    [InlineData("num_hidden_layers", "4")]
    [InlineData("num_attention_heads", "6")]
    public void Compute_config_field_that_changes_vectors_changes_it(string field, string json)
    {
        using var model = new TinyModelFolder();
        string before = Identity(model);
        model.SetConfig(field, json);

        Assert.NotEqual(before, Identity(model));
    }

    [Theory]
    [InlineData("hidden_dropout_prob", "0.5")]
    [InlineData("transformers_version", "\"5\"")]
    [InlineData("id2label", "{\"0\": \"a\"}")]
    [InlineData("inner_group_num", null)]
    public void Compute_config_field_that_changes_no_vector_leaves_it(string field, string? json)
    {
        using var model = new TinyModelFolder();
        string before = Identity(model);
        model.SetConfig(field, json);

        Assert.Equal(before, Identity(model));
    }

    [Fact]
    public void Compute_one_bit_of_the_weights_changes_it()
    {
        using var model = new TinyModelFolder();
        string before = Identity(model);
        byte[] bytes = File.ReadAllBytes(model.WeightsFile);
        bytes[^1] ^= 1;
        File.WriteAllBytes(model.WeightsFile, bytes);

        Assert.NotEqual(before, Identity(model));
    }

    [Fact]
    public void Compute_vocabulary_or_tokenizer_flag_changes_it_but_not_their_layout()
    {
        using var model = new TinyModelFolder();
        string before = Identity(model);

        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(model.Folder, TokenizerConfigFile)))!.AsObject();
        model.Write(TokenizerConfigFile, new JsonObject(config.Reverse().Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString() + "\n");
        Assert.Equal(before, Identity(model));

        config["model_max_length"] = 31;
        model.Write(TokenizerConfigFile, config.ToJsonString());
        Assert.Equal(before, Identity(model));

        config["do_lower_case"] = false;
        model.Write(TokenizerConfigFile, config.ToJsonString());
        string cased = Identity(model);
        Assert.NotEqual(before, cased);

        File.AppendAllText(Path.Combine(model.Folder, "vocab.txt"), "\n");
        Assert.NotEqual(cased, Identity(model));
    }

    [Fact]
    public void Compute_every_flag_that_a_tokenizer_reads_changes_it()
    {
        using var model = new TinyModelFolder();
        string[] fields = ["tokenizer_class", "do_lower_case", "remove_space", "keep_accents", "strip_accents", "tokenize_chinese_chars", "do_basic_tokenize", "cls_token", "sep_token", "pad_token", "unk_token", "mask_token"];
        var identities = new HashSet<string>();
        foreach (string field in fields)
        {
            string value = field.EndsWith("_token", StringComparison.Ordinal) || field == "tokenizer_class" ? "\"x\"" : "false";
            model.Write(TokenizerConfigFile, $$"""{"{{field}}": {{value}}}""");
            Assert.True(identities.Add(Identity(model)), field);
        }

        // A flag that the tokenizers learn to read needs a line in the description; model_max_length is the one that has none.
        Assert.Equal(typeof(TokenizerConfig).GetProperties().Length, fields.Length + 1);
    }

    [Fact]
    public void Compute_tokenizer_field_that_no_tokenizer_reads_leaves_it()
    {
        using var model = new TinyModelFolder();
        model.Write(TokenizerConfigFile, """{"do_lower_case": true}""");
        string before = Identity(model);
        model.Write(TokenizerConfigFile, """{ "name_or_path": "elsewhere", "do_lower_case": true }""");

        Assert.Equal(before, Identity(model));
    }

    [Fact]
    public void Compute_pooling_maximum_length_and_precision_change_it()
    {
        using var model = new TinyModelFolder();

        string[] identities = [Identity(model), Identity(model, PoolingMode.Mean), Identity(model, PoolingMode.Cls), Identity(model, maxTokens: 31), Identity(model, precision: Precision.Int8)];

        Assert.Equal(identities.Length, identities.Distinct().Count());
    }

    private static string Identity(TinyModelFolder model, PoolingMode pooling = PoolingMode.Pooler, int maxTokens = 32, Precision precision = Precision.Fp32)
    {
        using AlbertCheckpoint checkpoint = AlbertCheckpoint.Load(model.Folder);
        return ModelIdentity.Compute(model.Folder, checkpoint, pooling, maxTokens, precision);
    }
}
