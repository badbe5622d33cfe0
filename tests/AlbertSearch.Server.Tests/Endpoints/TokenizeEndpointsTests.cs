using System.Text.Json;
using AlbertSearch.Errors;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class TokenizeEndpointsTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Ids_equal_the_reference()
    {
        var cases = (await File.ReadAllLinesAsync(RepositoryFiles.Golden("tokenizer.jsonl"))).Where(line => line.Length > 0).Select(line => JsonElement.Parse(line)).ToList();

        var body = JsonSerializer.Serialize(new { data = cases.Select(item => new[] { item.GetProperty("text").GetString()! }) });
        var results = (await Server.PostAsync("/tokenize", body)).Expect(200).GetProperty("results").EnumerateArray().ToList();

        Assert.Equal(cases.Count, results.Count);
        foreach (var (item, result) in cases.Zip(results))
        {
            if (result.GetProperty("truncatedTokens").GetInt32() == 0)
            {
                Assert.Equal(Ints(item.GetProperty("ids")), Ints(result.GetProperty("ids")));
            }
        }
    }

    [Fact]
    public async Task Result_has_tokens_mask_segments_and_offsets()
    {
        const string first = "Ein 😀 Text";
        const string second = "[SEP] is text";
        var answer = (await Server.PostAsync("/tokenize", JsonSerializer.Serialize(new { data = new[] { new[] { first, second } } }))).Expect(200);

        var result = Assert.Single(answer.GetProperty("results").EnumerateArray());
        Assert.Equal(["tokens", "ids", "attentionMask", "segmentIds", "offsets", "truncatedTokens", "unknownTokens"], result.EnumerateObject().Select(property => property.Name));
        var tokens = result.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()).ToList();
        var segments = Ints(result.GetProperty("segmentIds"));
        var offsets = result.GetProperty("offsets").EnumerateArray().Select(Ints).ToList();
        Assert.Equal(Enumerable.Repeat(1, tokens.Count), Ints(result.GetProperty("attentionMask")));
        Assert.Equal(tokens.Count, segments.Length);
        Assert.Equal(segments.Order(), segments);
        Assert.Equal(3, offsets.Count(offset => offset is [0, 0]));
        for (var i = 0; i < tokens.Count; i++)
        {
            Assert.InRange(offsets[i][1], offsets[i][0], (segments[i] == 0 ? first : second).Length);
        }

        Assert.Equal(1, result.GetProperty("unknownTokens").GetInt32());
    }

    [Fact]
    public async Task Max_tokens_cuts_and_tells()
    {
        var result = (await Server.PostAsync("/tokenize", """{"data":[["one two three four five"]],"maxTokens":4}""")).Expect(200).GetProperty("results")[0];

        Assert.Equal(4, result.GetProperty("ids").GetArrayLength());
        Assert.Equal(3, result.GetProperty("truncatedTokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"data":[["a"]],"maxTokens":2}""", "maxTokens")]
    [InlineData("""{"data":[["a"]],"maxTokens":513}""", "maxTokens")]
    [InlineData("""{"data":[["a"]],"maxTokens":"5"}""", "maxTokens")]
    [InlineData("""{"data":"a"}""", "data")]
    public async Task Bad_request_is_refused(string body, string field) => (await Server.PostAsync("/tokenize", body)).ExpectProblem(400, ErrorCodes.InvalidValue, field);

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];
}
