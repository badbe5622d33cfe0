using System.Text.Json.Nodes;
using AlbertSearch.Embeddings.Tests.Weights;
using AlbertSearch.Testing;

namespace AlbertSearch.Embeddings.Tests;

/// <summary>A copy of a recorded tiny model, with a WordPiece vocabulary of the words w5 to w199, to be changed by a test.</summary>
internal sealed class TinyModelFolder : IDisposable
{
    private static readonly string[] VocabularyWords = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(5, 195).Select(id => $"w{id}")];

    private readonly TemporaryFolder _folder = new();

    public TinyModelFolder(string model = "tiny-gelu")
    {
        File.Copy(Path.Combine(RepositoryFiles.Golden(model), "config.json"), ConfigFile);
        File.Copy(Path.Combine(RepositoryFiles.Golden(model), "model.safetensors"), WeightsFile);
        Write("vocab.txt", string.Concat(VocabularyWords.Select(word => word + "\n")));
        Write("tokenizer_config.json", """{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 32}""");
    }

    public string Folder => _folder.Path;

    public string ConfigFile => _folder.File("config.json");

    public string WeightsFile => _folder.File("model.safetensors");

    /// <summary>Writes a file, making its folder where needed.</summary>
    public void Write(string name, string text)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Delete(string name) => File.Delete(_folder.File(name));

    /// <summary>Sets a field of config.json to a JSON value; null removes it.</summary>
    public void SetConfig(string field, string? json)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllText(ConfigFile))!.AsObject();
        config.Remove(field);
        if (json is not null)
        {
            config[field] = JsonNode.Parse(json);
        }

        File.WriteAllText(ConfigFile, config.ToJsonString());
    }

    /// <summary>Takes model.safetensors apart, changes it and writes it again.</summary>
    public void ChangeWeights(Action<SafetensorsContent> change)
    {
        SafetensorsContent content = SafetensorsContent.Read(WeightsFile);
        change(content);
        content.Write(WeightsFile);
    }

    public void Dispose() => _folder.Dispose();
}
