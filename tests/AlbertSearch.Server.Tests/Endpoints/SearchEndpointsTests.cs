using System.Globalization;
using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class SearchEndpointsTests(SharedServer shared) : IAsyncLifetime
{
    private const string Documents = """
        {"documents":[
          {"id":"search-returns","text":"Unused items can be sent back within thirty days for a refund.","metadata":{"topic":"orders","tags":["a","b"]}},
          {"id":"search-password","text":"Choose the link on the sign-in page to set a new password."},
          {"id":"search-weather","text":"Thunderstorms are expected over the mountains this evening."}]}
        """;

    private RunningServer Server => shared.Server;

    public async Task InitializeAsync() => (await Server.PostAsync("/index?wait=true", Documents)).Expect(200);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Query_finds_by_meaning()
    {
        var answer = (await Server.PostAsync("/search", """{"query":"I want to return something I bought and get my money back"}""")).Expect(200);

        Assert.Equal(["hits", "tookMs", "truncatedTokens"], answer.EnumerateObject().Select(property => property.Name));
        Assert.True(answer.GetProperty("tookMs").GetDouble() >= 0);
        Assert.Equal(0, answer.GetProperty("truncatedTokens").GetInt32());
        var hits = answer.GetProperty("hits").EnumerateArray().ToList();
        Assert.InRange(hits.Count, 3, 10);
        Assert.Equal("search-returns", hits[0].GetProperty("id").GetString());
        Assert.Equal(["id", "score", "text", "metadata", "chunk"], hits[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal("""{"topic":"orders","tags":["a","b"]}""", hits[0].GetProperty("metadata").GetRawText());
        Assert.Equal(0, hits[0].GetProperty("chunk").GetProperty("start").GetInt32());
        Assert.Equal(hits[0].GetProperty("text").GetString()!.Length, hits[0].GetProperty("chunk").GetProperty("end").GetInt32());
        var scores = hits.Select(hit => hit.GetProperty("score").GetSingle()).ToList();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(scores, score => Assert.InRange(score, -1.001f, 1.001f));
    }

    [Fact]
    public async Task Queries_in_an_array_get_results_in_their_order()
    {
        var answer = (await Server.PostAsync("/search", """{"query":["How do I set a new password?","Will there be a storm in the mountains?"],"k":1}""")).Expect(200);

        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["search-password", "search-weather"], results.Select(result => result.GetProperty("hits")[0].GetProperty("id").GetString()));
        Assert.All(results, result => Assert.Equal(1, result.GetProperty("hits").GetArrayLength()));
        Assert.Equal(1, (await Server.PostAsync("/search", """{"query":["one"],"k":1}""")).Expect(200).GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task Vector_finds_what_its_text_finds_whatever_its_length()
    {
        const string text = "Thunderstorms are expected over the mountains this evening.";
        var embedded = (await Server.PostAsync("/embed", JsonSerializer.Serialize(new { data = new[] { new[] { text } } }))).Expect(200);
        var vector = embedded.GetProperty("results")[0].GetProperty("vector").EnumerateArray().Select(value => value.GetSingle() * 3.5f).ToArray();

        var answer = (await Server.PostAsync("/search", JsonSerializer.Serialize(new { vector, k = 1 }))).Expect(200);

        var hit = answer.GetProperty("hits")[0];
        Assert.Equal("search-weather", hit.GetProperty("id").GetString());
        Assert.Equal(1f, hit.GetProperty("score").GetSingle(), 1e-4f);
    }

    [Fact]
    public async Task Include_says_what_hits_carry()
    {
        var bare = (await Server.PostAsync("/search", """{"query":"password","k":1,"include":[]}""")).Expect(200).GetProperty("hits")[0];
        var full = (await Server.PostAsync("/search", """{"query":"a new password for the sign-in page","k":1,"include":["text","metadata","vector","chunks"]}""")).Expect(200).GetProperty("hits")[0];

        Assert.Equal(["id", "score", "chunk"], bare.EnumerateObject().Select(property => property.Name));
        Assert.Equal("search-password", full.GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, full.GetProperty("metadata").ValueKind);
        var vector = full.GetProperty("vector").EnumerateArray().Select(value => value.GetSingle()).ToArray();
        Assert.Equal(1f, vector.Sum(value => value * value), 1e-4f);
        var chunk = Assert.Single(full.GetProperty("chunks").EnumerateArray());
        Assert.Equal(full.GetProperty("score").GetSingle(), chunk.GetProperty("score").GetSingle());
    }

    [Fact]
    public async Task Sentence_is_named_with_its_place_and_text()
    {
        const string Text = "The library opens at nine. Overdue books cost ten cents a day. Children join story time on Saturdays.";
        (await Server.SendAsync(HttpMethod.Put, "/collections/sentences")).Expect(201);
        (await Server.PostAsync("/collections/sentences/index?wait=true", JsonSerializer.Serialize(new { documents = new[] { new { id = "library", text = Text } } }))).Expect(200);

        var answer = (await Server.PostAsync("/collections/sentences/search", """{"query":"What is the fine for a late book?","include":["sentence"]}""")).Expect(200);

        var hit = Assert.Single(answer.GetProperty("hits").EnumerateArray());
        Assert.Equal(["id", "score", "chunk", "sentence"], hit.EnumerateObject().Select(property => property.Name));
        var sentence = hit.GetProperty("sentence");
        Assert.Equal(["start", "end", "text", "score"], sentence.EnumerateObject().Select(property => property.Name));
        Assert.Equal("Overdue books cost ten cents a day.", sentence.GetProperty("text").GetString());
        Assert.Equal(sentence.GetProperty("text").GetString(), Text[sentence.GetProperty("start").GetInt32()..sentence.GetProperty("end").GetInt32()]);
        Assert.InRange(sentence.GetProperty("score").GetSingle(), -1.001f, 1.001f);
    }

    [Theory]
    [InlineData("""{"topic":"orders"}""")]
    [InlineData("""{"field":"topic","in":["orders","x"]}""")]
    [InlineData("""{"and":[{"tags":{"contains":"a"}},{"not":{"field":"topic","ne":"orders"}}]}""")]
    public async Task Filter_keeps_what_fulfils_it(string filter)
    {
        var hits = (await Server.PostAsync("/search", $$"""{"query":"storm over the mountains","filter":{{filter}}}""")).Expect(200).GetProperty("hits");

        Assert.Equal("search-returns", Assert.Single(hits.EnumerateArray()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("[]", ErrorCodes.InvalidValue, "filter")]
    [InlineData("{}", ErrorCodes.InvalidValue, "filter")]
    [InlineData("""{"a":{"gt":true}}""", ErrorCodes.InvalidValue, "filter.a.gt")]
    [InlineData("""{"and":[{"a":1},{"b":{"in":[]}}]}""", ErrorCodes.InvalidValue, "filter.and[1].b.in")]
    [InlineData("""{"a":1,"a":2}""", ErrorCodes.InvalidValue, "filter")]
    [InlineData("""{"a":"\ud800"}""", ErrorCodes.InvalidValue, "filter")]
    public async Task Bad_filter_is_refused(string filter, string code, string field) =>
        (await Server.PostAsync("/search", $$"""{"query":"a","filter":{{filter}}}""")).ExpectProblem(400, code, field);

    [Fact]
    public async Task Huge_filter_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"not":""", 200)) + """{"a":1}""" + new string('}', 200);
        var wide = JsonSerializer.Serialize(new { a = new { @in = Enumerable.Range(0, 1_025) } });

        (await Server.PostAsync("/search", $$"""{"query":"a","filter":{{deep}}}""")).ExpectProblem(413, ErrorCodes.TooLong, "filter");
        (await Server.PostAsync("/search", $$"""{"query":"a","filter":{{wide}}}""")).ExpectProblem(413, ErrorCodes.TooMany, "filter.a.in");
    }

    [Fact]
    public async Task Group_by_chunk_hits_a_document_several_times()
    {
        var text = string.Join(' ', Enumerable.Range(0, 120).Select(i => $"Paragraph {i} tells how lighthouses guided ships at night."));
        (await Server.PostAsync("/index?wait=true", JsonSerializer.Serialize(new { documents = new[] { new { id = "search-long", text } } }))).Expect(200);

        var byDocument = Ids((await Server.PostAsync("/search", """{"query":"lighthouses guided ships","k":4}""")).Expect(200));
        var byChunk = (await Server.PostAsync("/search", """{"query":"lighthouses guided ships","k":4,"groupBy":"chunk"}""")).Expect(200);

        Assert.Single(byDocument, id => id == "search-long");
        Assert.All(Ids(byChunk), id => Assert.Equal("search-long", id));
        Assert.Equal(4, byChunk.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("chunk").GetProperty("start").GetInt32()).Distinct().Count());
        (await Server.PostAsync("/search", """{"query":"a","groupBy":"page"}""")).ExpectProblem(400, ErrorCodes.InvalidValue, "groupBy");
    }

    [Fact]
    public async Task Search_after_an_operation_sees_its_documents()
    {
        for (var i = 0; i < 10; i++)
        {
            var text = $"The {i}th beekeeper counts {i} hives.";
            var id = (await Server.PostAsync("/index", JsonSerializer.Serialize(new { documents = new[] { new { id = $"search-bee-{i}", text } } }))).Expect(202).GetProperty("operationId").GetString();
            Assert.Equal($"search-bee-{i}", Ids((await Server.PostAsync($"/search?after={id}", JsonSerializer.Serialize(new { query = text, k = 1 }))).Expect(200))[0]);
        }

        (await Server.PostAsync("/search?after=nope", """{"query":"a"}""")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Offset_pages_and_min_score_cuts()
    {
        var all = Ids((await Server.PostAsync("/search", """{"query":"evening storm","k":5}""")).Expect(200));
        var second = Ids((await Server.PostAsync("/search", """{"query":"evening storm","k":2,"offset":2}""")).Expect(200));
        var none = Ids((await Server.PostAsync("/search", """{"query":"evening storm","minScore":2}""")).Expect(200));
        var same = Ids((await Server.PostAsync("/search", """{"query":"evening storm","k":5,"exact":true,"ef":100,"minScore":-1}""")).Expect(200));

        Assert.Equal(all.Skip(2).Take(2), second);
        Assert.Empty(none);
        Assert.Equal(all, same);
    }

    [Fact]
    public async Task Long_query_tells_what_was_cut()
    {
        var query = string.Join(' ', Enumerable.Repeat("storm", 600));

        Assert.True((await Server.PostAsync("/search", JsonSerializer.Serialize(new { query }))).Expect(200).GetProperty("truncatedTokens").GetInt32() > 400);
    }

    [Theory]
    [InlineData("{}", 400, ErrorCodes.MissingField, "query")]
    [InlineData("""{"query":null}""", 400, ErrorCodes.MissingField, "query")]
    [InlineData("""{"query":""}""", 400, ErrorCodes.Empty, "query")]
    [InlineData("""{"query":7}""", 400, ErrorCodes.InvalidValue, "query")]
    [InlineData("""{"query":[]}""", 400, ErrorCodes.Empty, "query")]
    [InlineData("""{"query":["a",7]}""", 400, ErrorCodes.InvalidValue, "query[1]")]
    [InlineData("""{"query":["a",""]}""", 400, ErrorCodes.Empty, "query[1]")]
    [InlineData("""{"query":"a","vector":[1]}""", 400, ErrorCodes.InvalidValue, "vector")]
    [InlineData("""{"vector":[1,2,3]}""", 400, ErrorCodes.InvalidValue, "vector")]
    [InlineData("""{"vector":"x"}""", 400, ErrorCodes.InvalidValue, "vector")]
    [InlineData("""{"vector":[1,"x"]}""", 400, ErrorCodes.InvalidValue, "vector[1]")]
    [InlineData("""{"vector":[1e999]}""", 400, ErrorCodes.InvalidValue, "vector[0]")]
    [InlineData("""{"vector":[NaN]}""", 400, ErrorCodes.InvalidJson, null)]
    [InlineData("""{"query":"a","k":0}""", 400, ErrorCodes.InvalidValue, "k")]
    [InlineData("""{"query":"a","k":-1}""", 400, ErrorCodes.InvalidValue, "k")]
    [InlineData("""{"query":"a","k":1.5}""", 400, ErrorCodes.InvalidValue, "k")]
    [InlineData("""{"query":"a","k":"10"}""", 400, ErrorCodes.InvalidValue, "k")]
    [InlineData("""{"query":"a","k":99999999999}""", 400, ErrorCodes.InvalidValue, "k")]
    [InlineData("""{"query":"a","offset":-1}""", 400, ErrorCodes.InvalidValue, "offset")]
    [InlineData("""{"query":"a","minScore":"x"}""", 400, ErrorCodes.InvalidValue, "minScore")]
    [InlineData("""{"query":"a","ef":0}""", 400, ErrorCodes.InvalidValue, "ef")]
    [InlineData("""{"query":"a","exact":1}""", 400, ErrorCodes.InvalidValue, "exact")]
    [InlineData("""{"query":"a","include":["id"]}""", 400, ErrorCodes.InvalidValue, "include[0]")]
    [InlineData("""{"query":"a","include":"text"}""", 400, ErrorCodes.InvalidValue, "include")]
    [InlineData("""{"query":"a","hybrid":true}""", 400, ErrorCodes.NotSupported, "hybrid")]
    [InlineData("""{"query":"a","mmr":{}}""", 400, ErrorCodes.NotSupported, "mmr")]
    [InlineData("""{"query":"a","topK":3}""", 400, ErrorCodes.UnknownProperty, "topK")]
    [InlineData("""{"query":"a","query":"b"}""", 400, ErrorCodes.InvalidValue, "query")]
    [InlineData("""{"query":"a\ud83d"}""", 400, ErrorCodes.InvalidValue, "query")]
    [InlineData("""{"query":"a" """, 400, ErrorCodes.InvalidJson, null)]
    public async Task Bad_search_is_refused(string body, int status, string code, string? field) =>
        (await Server.PostAsync("/search", body)).ExpectProblem(status, code, field);

    [Fact]
    public async Task Zero_vector_is_refused()
    {
        var dimension = (await Server.PostAsync("/embed", """{"data":[["a"]]}""")).Expect(200).GetProperty("dimension").GetInt32();

        (await Server.PostAsync("/search", JsonSerializer.Serialize(new { vector = new float[dimension] }))).ExpectProblem(400, ErrorCodes.InvalidValue, "vector");
        (await Server.PostAsync("/search", JsonSerializer.Serialize(new { vector = new float[dimension + 1] }))).ExpectProblem(400, ErrorCodes.InvalidValue, "vector");
    }

    [Theory]
    [InlineData("""{"query":"a","k":1001}""", 400, ErrorCodes.InvalidValue, "k", "1000")]
    [InlineData("""{"query":"a","k":1000,"offset":9001}""", 413, ErrorCodes.TooMany, "offset", "10000")]
    [InlineData("""{"query":"a","ef":10001}""", 400, ErrorCodes.InvalidValue, "ef", "10000")]
    public async Task Number_over_a_limit_names_it(string body, int status, string code, string field, string limit)
    {
        var answer = await Server.PostAsync("/search", body);

        Assert.Contains(limit, answer.ExpectProblem(status, code, field), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_or_too_long_queries_are_refused_with_413()
    {
        var many = JsonSerializer.Serialize(new { query = Enumerable.Range(0, 1_025).Select(i => i.ToString(CultureInfo.InvariantCulture)) });
        var longOne = JsonSerializer.Serialize(new { query = new string('x', (1 << 20) + 1) });

        Assert.Contains("1024", (await Server.PostAsync("/search", many)).ExpectProblem(413, ErrorCodes.TooMany), StringComparison.Ordinal);
        Assert.Contains("1048576", (await Server.PostAsync("/search", longOne)).ExpectProblem(413, ErrorCodes.TooLong, "query"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collection_route_is_the_same_for_default_and_404_for_others()
    {
        (await Server.PostAsync("/collections/default/search", """{"query":"a"}""")).Expect(200);
        (await Server.PostAsync("/collections/nope/search", """{"query":"a"}""")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    private static List<string> Ids(JsonElement answer) => [.. answer.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("id").GetString()!)];
}
