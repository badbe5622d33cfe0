using System.Text.Json;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests.Compat.PaddleHub;

/// <summary>
/// Models with a classification head, held to recorded logits: the vocabulary names the id at the start of a recorded sequence
/// [CLS] and the one at its end [SEP], and every other id w7, w8, …, so that a text makes that very sequence.
/// </summary>
public class LabelModelTests
{
    [Fact]
    public async Task Sequence_classifier_answers_a_label_a_sample()
    {
        var (ids, labels) = Recorded("tiny-seq-cls");
        using var model = new TemporaryFolder();
        await using var server = await StartAsync(model, "tiny-seq-cls", ids);

        var answer = await PredictAsync(server, ids);

        Assert.Equal("000", answer.GetProperty("status").GetString());
        Assert.Equal([labels[0], labels[0]], answer.GetProperty("results").EnumerateArray().Select(label => label.GetString()));
    }

    [Fact]
    public async Task Token_classifier_answers_a_label_a_token()
    {
        var (ids, labels) = Recorded("tiny-token-cls");
        using var model = new TemporaryFolder();
        await using var server = await StartAsync(model, "tiny-token-cls", ids, "--AlbertSearch:Pooling", "Mean");

        var answer = await PredictAsync(server, ids);

        Assert.Equal("000", answer.GetProperty("status").GetString());
        Assert.All(answer.GetProperty("results").EnumerateArray(), sample => Assert.Equal(labels, sample.EnumerateArray().Select(label => label.GetString())));
        (await server.PostAsync("/embed", """{"data":[["w7"]],"output":["pooled"]}""")).ExpectProblem(400, "not_supported", "output");
        (await server.PostAsync("/embed", """{"data":[["w7"]],"output":["sequence","vector"]}""")).Expect(200);
    }

    private static Task<RunningServer> StartAsync(TemporaryFolder model, string golden, int[] ids, params string[] arguments)
    {
        foreach (var file in (string[])["config.json", "model.safetensors"])
        {
            File.Copy(Path.Combine(RepositoryFiles.Golden(golden), file), model.File(file));
        }

        string[] controls = ["[PAD]", "[UNK]", "[MASK]"];
        var free = Enumerable.Range(0, 200).Except(ids).ToArray();
        File.WriteAllLines(model.File("vocab.txt"), Enumerable.Range(0, 200).Select(id =>
            id == ids[0] ? "[CLS]" : id == ids[^1] ? "[SEP]" : Array.IndexOf(free, id) is >= 0 and < 3 and var control ? controls[control] : $"w{id}"));
        File.WriteAllText(model.File("tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "do_lower_case": true}""");
        return RunningServer.StartAsync(["--AlbertSearch:Model", model.Path, .. arguments]);
    }

    private static async Task<JsonElement> PredictAsync(RunningServer server, int[] ids)
    {
        var text = string.Join(' ', ids[1..^1].Select(id => $"w{id}"));
        return (await server.PostAsync("/predict/albert-base-v1", JsonSerializer.Serialize(new { data = new[] { new[] { text }, [text] }, max_seq_len = 64 }))).Expect(200);
    }

    private static (int[] Ids, string[] Labels) Recorded(string golden)
    {
        var cases = JsonElement.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Golden(golden), "expected.json"))).GetProperty("cases");
        var labels = JsonElement.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Golden(golden), "config.json"))).GetProperty("id2label");
        var item = cases.EnumerateArray().Single(item => item.GetProperty("ids").GetArrayLength() == 7);
        var logits = item.GetProperty("logits").EnumerateArray().Select(value => value.GetSingle()).ToArray();
        return (
            [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
            [.. logits.Chunk(labels.EnumerateObject().Count()).Select(row => labels.GetProperty(Array.IndexOf(row, row.Max()).ToString(System.Globalization.CultureInfo.InvariantCulture)).GetString()!)]);
    }
}
