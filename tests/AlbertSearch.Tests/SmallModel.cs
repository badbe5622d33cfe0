using AlbertSearch.Testing;

namespace AlbertSearch.Tests;

/// <summary>A real model that is quick: the recorded tiny ALBERT with a WordPiece vocabulary that can write ASCII, 64 tokens at most.</summary>
internal static class SmallModel
{
    private const int VocabularySize = 200;

    private static readonly string[] Words =
    [
        "the", "and", "is", "are", "was", "what", "how", "who", "where", "to", "in", "on", "of", "it", "for", "with", "you", "i", "my", "your",
        "can", "do", "not", "red", "green", "blue", "cat", "dog", "bird", "fish", "tree", "river", "house", "city", "night", "day", "one", "two",
    ];

    /// <summary>Writes the model folder below a test's folder.</summary>
    /// <returns>Its path.</returns>
    public static string Write(TemporaryFolder folder, string name = "small", int maxLength = 64)
    {
        var path = Directory.CreateDirectory(folder.File(name)).FullName;
        foreach (var file in (string[])["config.json", "model.safetensors"])
        {
            File.Copy(Path.Combine(RepositoryFiles.Golden("tiny-gelu"), file), Path.Combine(path, file));
        }

        var letters = Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()).ToList();
        var digits = Enumerable.Range('0', 10).Select(digit => ((char)digit).ToString()).ToList();
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters.Union(Words), .. digits, .. ".,!?-_:;()'\"/".Select(mark => mark.ToString()),
            .. letters.Select(letter => "##" + letter), .. digits.Select(digit => "##" + digit)];
        var unused = Enumerable.Range(0, VocabularySize - vocabulary.Length).Select(index => $"[unused{index}]");
        File.WriteAllLines(Path.Combine(path, "vocab.txt"), vocabulary.Concat(unused));
        File.WriteAllText(Path.Combine(path, "tokenizer_config.json"), $$"""{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": {{maxLength}}}""");
        return path;
    }
}
