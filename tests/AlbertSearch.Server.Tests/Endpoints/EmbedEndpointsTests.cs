using System.Text.Json;
using AlbertSearch.Errors;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class EmbedEndpointsTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Features_equal_the_reference()
    {
        var golden = JsonElement.Parse(await File.ReadAllTextAsync(RepositoryFiles.Golden("default-model.json")));
        var cases = golden.GetProperty("cases").EnumerateArray().Where(item => item.TryGetProperty("pooler_output", out _)).Take(20).ToList();
        var data = cases.Select(item => new[] { item.GetProperty("text").GetString()! });

        var answer = (await Server.PostAsync("/embed", JsonSerializer.Serialize(new { data, output = new[] { "pooled", "vector" } }))).Expect(200);

        Assert.Equal("albertsearch-mini-v1", answer.GetProperty("model").GetString());
        foreach (var (item, result) in cases.Zip(answer.GetProperty("results").EnumerateArray()))
        {
            var expected = Floats(item.GetProperty("pooler_output"));
            var pooled = Floats(result.GetProperty("pooled"));
            var vector = Floats(result.GetProperty("vector"));
            Assert.Equal(answer.GetProperty("dimension").GetInt32(), pooled.Length);
            Assert.Equal(item.GetProperty("ids").GetArrayLength(), result.GetProperty("tokens").GetArrayLength());
            var norm = MathF.Sqrt(expected.Sum(value => value * value));
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], pooled[i], 1e-4f);
                Assert.Equal(expected[i] / norm, vector[i], 1e-4f);
            }
        }
    }

    [Fact]
    public async Task Sequence_has_a_row_for_each_token_of_texts_and_pairs()
    {
        var answer = (await Server.PostAsync("/embed", """{"data":[["A single text."],["The first.","The second one."]],"output":["sequence"]}""")).Expect(200);

        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(2, results.Count);
        foreach (var result in results)
        {
            Assert.Equal(["tokens", "truncatedTokens", "sequence"], result.EnumerateObject().Select(property => property.Name));
            Assert.Equal(result.GetProperty("tokens").GetArrayLength(), result.GetProperty("sequence").GetArrayLength());
            Assert.All(result.GetProperty("sequence").EnumerateArray(), row => Assert.Equal(answer.GetProperty("dimension").GetInt32(), row.GetArrayLength()));
            Assert.Equal("[CLS]", result.GetProperty("tokens")[0].GetString());
        }

        Assert.Equal(2, results[1].GetProperty("tokens").EnumerateArray().Count(token => token.GetString() == "[SEP]"));
    }

    [Fact]
    public async Task Vector_alone_is_the_default_and_empty_texts_have_one()
    {
        var result = Assert.Single((await Server.PostAsync("/embed", """{"data":[[""]]}""")).Expect(200).GetProperty("results").EnumerateArray());

        Assert.Equal(["tokens", "truncatedTokens", "vector"], result.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["[CLS]", "[SEP]"], result.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
    }

    [Fact]
    public async Task Many_samples_come_in_their_order_whatever_the_slices()
    {
        var texts = Enumerable.Range(0, 70).Select(i => new[] { $"Sample {i}." }).ToArray();

        var many = (await Server.PostAsync("/embed", JsonSerializer.Serialize(new { data = texts, output = new[] { "sequence", "vector" } }))).Expect(200);

        foreach (var i in new[] { 0, 15, 16, 69 })
        {
            var one = (await Server.PostAsync("/embed", JsonSerializer.Serialize(new { data = new[] { texts[i] } }))).Expect(200);
            var expected = Floats(one.GetProperty("results")[0].GetProperty("vector"));
            var actual = Floats(many.GetProperty("results")[i].GetProperty("vector"));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public async Task Long_text_tells_what_was_cut()
    {
        var body = JsonSerializer.Serialize(new { data = new[] { new[] { string.Join(' ', Enumerable.Repeat("storm", 300)) } } });

        var result = (await Server.PostAsync("/embed", body)).Expect(200).GetProperty("results")[0];

        Assert.Equal(302, result.GetProperty("tokens").GetArrayLength() + result.GetProperty("truncatedTokens").GetInt32());
        Assert.True(result.GetProperty("truncatedTokens").GetInt32() > 0);
    }

    [Theory]
    [InlineData("{}", 400, ErrorCodes.MissingField, "data")]
    [InlineData("""{"data":[]}""", 400, ErrorCodes.Empty, "data")]
    [InlineData("""{"data":["a"]}""", 400, ErrorCodes.InvalidValue, "data[0]")]
    [InlineData("""{"data":[[]]}""", 400, ErrorCodes.InvalidValue, "data[0]")]
    [InlineData("""{"data":[["a"],["a","b","c"]]}""", 400, ErrorCodes.InvalidValue, "data[1]")]
    [InlineData("""{"data":[["a",null]]}""", 400, ErrorCodes.InvalidValue, "data[0][1]")]
    [InlineData("""{"data":[["a"]],"output":["vectors"]}""", 400, ErrorCodes.InvalidValue, "output[0]")]
    [InlineData("""{"data":[["a"]],"output":[]}""", 400, ErrorCodes.Empty, "output")]
    [InlineData("""{"data":[["a"]],"maxTokens":5}""", 400, ErrorCodes.UnknownProperty, "maxTokens")]
    public async Task Bad_request_is_refused(string body, int status, string code, string field) =>
        (await Server.PostAsync("/embed", body)).ExpectProblem(status, code, field);

    [Fact]
    public async Task Too_many_samples_are_refused_with_413()
    {
        var body = JsonSerializer.Serialize(new { data = Enumerable.Repeat(new[] { "a" }, 1_025) });

        Assert.Contains("1024", (await Server.PostAsync("/embed", body)).ExpectProblem(413, ErrorCodes.TooMany), StringComparison.Ordinal);
    }

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];
}
