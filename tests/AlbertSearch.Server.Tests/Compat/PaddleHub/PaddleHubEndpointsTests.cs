using System.Text.Json;

namespace AlbertSearch.Server.Tests.Compat.PaddleHub;

[Collection(SharedServer.Name)]
public class PaddleHubEndpointsTests(SharedServer shared)
{
    private const string Route = "/predict/albert-base-v1";

    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Features_are_pooled_and_a_row_for_each_token()
    {
        var answer = (await Server.PostAsync(Route, """{"data":[["A single text."],["The first.","The second one."]],"max_seq_len":64,"batch_size":2,"use_gpu":false}""")).Expect(200);

        Assert.Equal(["msg", "results", "status"], answer.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal(("000", ""), (answer.GetProperty("status").GetString(), answer.GetProperty("msg").GetString()));
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(2, results.Count);
        var embedded = (await Server.PostAsync("/embed", """{"data":[["A single text."],["The first.","The second one."]],"output":["pooled","sequence"]}""")).Expect(200).GetProperty("results");
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(2, results[i].GetArrayLength());
            AssertEqual(embedded[i].GetProperty("pooled"), results[i][0]);
            Assert.Equal(embedded[i].GetProperty("sequence").GetArrayLength(), results[i][1].GetArrayLength());
            AssertEqual(embedded[i].GetProperty("sequence")[1], results[i][1][1]);
        }
    }

    [Fact]
    public async Task Max_seq_len_cuts_and_defaults_to_128()
    {
        var text = string.Join(' ', Enumerable.Repeat("storm", 600));

        Assert.Equal(10, Rows(await Server.PostAsync(Route, $$"""{"data":[["{{text}}"]],"max_seq_len":10}""")));
        Assert.Equal(128, Rows(await Server.PostAsync(Route, $$"""{"data":[["{{text}}"]]}""")));
        Assert.Equal(512, Rows(await Server.PostAsync(Route, $$"""{"data":[["{{text}}"]],"max_seq_len":512}""")));
    }

    [Fact]
    public async Task No_samples_have_no_results()
    {
        var answer = (await Server.PostAsync(Route, """{"data":[]}""")).Expect(200);

        Assert.Equal("""{"msg":"","results":[],"status":"000"}""", answer.GetRawText());
    }

    [Theory]
    [InlineData("""{"data":[[]]}""", "The input text must have one or two sequence, but got 0. Please check your inputs.")]
    [InlineData("""{"data":[["a"],["a","b","c"]]}""", "The input text must have one or two sequence, but got 3. Please check your inputs.")]
    [InlineData("""{"data":[["a","b","c","d"]]}""", "The input text must have one or two sequence, but got 4. Please check your inputs.")]
    public async Task Sample_of_other_than_one_or_two_texts_gets_101_in_the_originals_words(string body, string message) =>
        AssertRefused(await Server.PostAsync(Route, body), "101", message);

    [Theory]
    [InlineData("{}", "data")]
    [InlineData("""{"data":"a"}""", "data")]
    [InlineData("""{"data":["a"]}""", "data[0]")]
    [InlineData("""{"data":[[7]]}""", "data[0][0]")]
    [InlineData("""{"data":[["a"]],"task":"seq-cls"}""", "task")]
    [InlineData("""{"data":[["a"]],"max_seq_len":2}""", "max_seq_len")]
    [InlineData("""{"data":[["a"]],"max_seq_len":513}""", "max_seq_len")]
    [InlineData("""{"data":[["a"]],"max_seq_len":"64"}""", "max_seq_len")]
    [InlineData("""{"data":[["a"]],"batch_size":0}""", "batch_size")]
    [InlineData("""{"data":[["a"]],"use_gpu":"no"}""", "use_gpu")]
    [InlineData("[]", "object")]
    public async Task Bad_request_gets_101_and_names_the_key(string body, string named) =>
        Assert.Contains(named, AssertRefused(await Server.PostAsync(Route, body), "101"), StringComparison.Ordinal);

    [Fact]
    public async Task Too_many_samples_get_101_and_the_limit() =>
        Assert.Contains("1024", AssertRefused(await Server.PostAsync(Route, JsonSerializer.Serialize(new { data = Enumerable.Repeat(new[] { "a" }, 1_025) })), "101"), StringComparison.Ordinal);

    [Theory]
    [InlineData("/predict/nope", "nope")]
    [InlineData("/predict/ALBERT-base-v1", "ALBERT-base-v1")]
    public async Task Unknown_module_gets_111(string route, string name)
    {
        AssertRefused(await Server.PostAsync(route, """{"data":[["a"]]}"""), "111", $"Module {name} is not available.");
        AssertRefused(await Server.PostAsync(route, "nope"), "111", $"Module {name} is not available.");
    }

    [Theory]
    [InlineData("nope", "application/json")]
    [InlineData("", "application/json")]
    [InlineData("""{"data":[["a"]]""", "application/json")]
    [InlineData("""{"foo":1,"data":""", "application/json")]
    [InlineData("""{"data":[["a"]]}""", "text/plain")]
    [InlineData("""{"data":[["a"]]}""", null)]
    [InlineData("data=a", "application/x-www-form-urlencoded")]
    public async Task Body_that_is_not_json_gets_112(string body, string? contentType) =>
        Assert.Contains("application/json", AssertRefused(await Server.PostAsync(Route, body, contentType), "112"), StringComparison.Ordinal);

    [Fact]
    public async Task Options_pad_rows_and_name_modules()
    {
        await using var server = await RunningServer.StartAsync("--AlbertSearch:Server:PaddleHub:Pad", "true", "--AlbertSearch:Server:PaddleHub:Modules:0", "my-albert");

        var answer = (await server.PostAsync("/predict/my-albert", """{"data":[["A single text."]]}""")).Expect(200);
        var plain = (await Server.PostAsync(Route, """{"data":[["A single text."]]}""")).Expect(200);

        var rows = answer.GetProperty("results")[0][1].EnumerateArray().ToList();
        var tokens = plain.GetProperty("results")[0][1].GetArrayLength();
        Assert.Equal(128, rows.Count);
        AssertEqual(plain.GetProperty("results")[0][1][tokens - 1], rows[tokens - 1]);
        Assert.All(rows.Skip(tokens), row => Assert.All(row.EnumerateArray(), value => Assert.Equal(0f, value.GetSingle())));
        Assert.Equal("000", (await server.PostAsync(Route, """{"data":[["a"]],"max_seq_len":5}""")).Expect(200).GetProperty("status").GetString());
    }

    private static int Rows(ApiAnswer answer) => answer.Expect(200).GetProperty("results")[0][1].GetArrayLength();

    private static string AssertRefused(ApiAnswer answer, string status, string? message = null)
    {
        var json = answer.Expect(200);
        Assert.Equal((status, ""), (json.GetProperty("status").GetString(), json.GetProperty("results").GetString()));
        if (message is not null)
        {
            Assert.Equal(message, json.GetProperty("msg").GetString());
        }

        return json.GetProperty("msg").GetString()!;
    }

    private static void AssertEqual(JsonElement expected, JsonElement actual) => Assert.All(
        expected.EnumerateArray().Zip(actual.EnumerateArray()),
        pair => Assert.Equal(pair.First.GetSingle(), pair.Second.GetSingle(), 1e-5f));
}
