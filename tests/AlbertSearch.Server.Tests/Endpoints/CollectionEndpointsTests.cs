using System.Net;
using System.Text;
using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class CollectionEndpointsTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Default_collection_has_the_shape_of_the_api()
    {
        (await Server.PostAsync("/index?wait=true", """{"documents":[{"id":"counted","text":"Counted."}]}""")).Expect(200);

        var collection = (await Server.GetAsync("/collections/default")).Expect(200);

        Assert.Equal(["name", "documents", "chunks", "textBytes", "vectorBytes", "model", "chunking", "index"], collection.EnumerateObject().Select(property => property.Name));
        Assert.Equal("default", collection.GetProperty("name").GetString());
        Assert.True(collection.GetProperty("documents").GetInt64() >= 1);
        Assert.True(collection.GetProperty("chunks").GetInt64() >= collection.GetProperty("documents").GetInt64());
        Assert.Equal("albertsearch-mini-v1", collection.GetProperty("model").GetProperty("name").GetString());
        Assert.Matches("^[0-9a-f]{64}$", collection.GetProperty("model").GetProperty("identity").GetString());
        var index = collection.GetProperty("index");
        Assert.Equal(["kind", "count", "tombstones", "levels", "memoryBytes", "mappedBytes", "building", "m", "efConstruction", "ef", "exactBelow"], index.EnumerateObject().Select(property => property.Name));
        Assert.Contains(index.GetProperty("kind").GetString(), new[] { "flat", "hnsw" });
        Assert.True(index.GetProperty("count").GetInt64() >= 1);
        Assert.True(index.GetProperty("memoryBytes").GetInt64() >= 0);
    }

    [Theory]
    [InlineData("", 100, 10, 64)]
    [InlineData("{}", 100, 10, 64)]
    [InlineData("""{"samples":5,"k":3,"ef":20}""", 5, 3, 20)]
    [InlineData("""{"samples":5,"k":null}""", 5, 10, 64)]
    public async Task Check_measures_recall(string body, int samples, int k, int ef)
    {
        // A collection of its own: in one that others fill, a sample of five may well meet the few that the graph misses.
        Assert.True((await Server.SendAsync(HttpMethod.Put, "/collections/measured")).Status is HttpStatusCode.Created or HttpStatusCode.OK);
        (await Server.PostAsync("/collections/measured/index?wait=true", """{"documents":[{"id":"counted","text":"Counted."},{"id":"checked","text":"Checked."}]}""")).Expect(200);

        var check = (await Server.PostAsync("/collections/measured/check", body)).Expect(200);

        Assert.Equal(["recall", "samples", "k", "ef"], check.EnumerateObject().Select(property => property.Name));
        Assert.Equal((samples, k, ef), (check.GetProperty("samples").GetInt32(), check.GetProperty("k").GetInt32(), check.GetProperty("ef").GetInt32()));
        Assert.Equal(1, check.GetProperty("recall").GetDouble());
    }

    [Theory]
    [InlineData("""{"samples":0}""", ErrorCodes.InvalidValue)]
    [InlineData("""{"samples":1025}""", ErrorCodes.InvalidValue)]
    [InlineData("""{"k":1001}""", ErrorCodes.InvalidValue)]
    [InlineData("""{"ef":0}""", ErrorCodes.InvalidValue)]
    [InlineData("""{"seed":1}""", ErrorCodes.UnknownProperty)]
    [InlineData("[]", ErrorCodes.InvalidValue)]
    [InlineData("{", ErrorCodes.InvalidJson)]
    public async Task Wrong_check_is_refused(string body, string code) => (await Server.PostAsync("/collections/default/check", body)).ExpectProblem(400, code);

    [Fact]
    public async Task Check_of_unknown_collection_is_not_found() => (await Server.PostAsync("/collections/nope/check", "{}")).ExpectProblem(404, ErrorCodes.NotFound);

    [Fact]
    public async Task Listing_holds_the_default_collection() =>
        Assert.Contains((await Server.GetAsync("/collections")).Expect(200).GetProperty("collections").EnumerateArray(), collection => collection.GetProperty("name").GetString() == "default");

    [Theory]
    [InlineData("/collections/nope")]
    [InlineData("/collections/Default")]
    [InlineData("/collections/%2e%2e%2fetc")]
    public async Task Unknown_collection_is_not_found(string route) => (await Server.GetAsync(route)).ExpectProblem(404, ErrorCodes.NotFound);

    [Fact]
    public async Task Collection_is_made_filled_and_deleted()
    {
        const string settings = """{"pooling":"mean","chunking":{"enabled":true,"maxTokens":32,"overlapTokens":4}}""";
        var made = await Server.SendAsync(HttpMethod.Put, "/collections/second", Json(settings));
        Assert.Equal("/collections/second", made.Headers["Location"]);
        Assert.Equal(("mean", 32), (made.Expect(201).GetProperty("model").GetProperty("pooling").GetString(), made.Json.GetProperty("chunking").GetProperty("maxTokens").GetInt32()));
        (await Server.SendAsync(HttpMethod.Put, "/collections/second", Json(settings))).Expect(200);
        (await Server.SendAsync(HttpMethod.Put, "/collections/second", Json("""{"pooling":"cls"}"""))).ExpectProblem(409, ErrorCodes.Conflict);

        (await Server.PostAsync("/collections/second/index?wait=true", """{"documents":[{"id":"only-here","text":"A heron stands in the reeds."}]}""")).Expect(200);

        Assert.Equal("only-here", (await Server.PostAsync("/collections/second/search", """{"query":"heron","k":1}""")).Expect(200).GetProperty("hits")[0].GetProperty("id").GetString());
        (await Server.GetAsync("/documents/only-here")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.GetAsync("/collections/second/documents/only-here")).Expect(200);
        Assert.Equal(204, (int)(await Server.DeleteAsync("/collections/second")).Status);
        (await Server.GetAsync("/collections/second")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.DeleteAsync("/collections/second")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.PostAsync("/collections/second/search", """{"query":"heron"}""")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Default_collection_stays() => (await Server.DeleteAsync("/collections/default")).ExpectProblem(409, ErrorCodes.Conflict);

    [Theory]
    [InlineData("/collections/-x", "{}", ErrorCodes.InvalidValue, "collection")]
    [InlineData("/collections/%2e%2e%2fx", "{}", ErrorCodes.InvalidValue, "collection")]
    [InlineData("/collections/a%20b", "{}", ErrorCodes.InvalidValue, "collection")]
    [InlineData("/collections/bad", """{"pooling":"max"}""", ErrorCodes.InvalidValue, "pooling")]
    [InlineData("/collections/bad", """{"chunking":{"size":3}}""", ErrorCodes.UnknownProperty, "chunking.size")]
    [InlineData("/collections/bad", """{"index":{"m":1}}""", ErrorCodes.InvalidValue, "index.m")]
    [InlineData("/collections/bad", """{"index":{"kind":"tree"}}""", ErrorCodes.InvalidValue, "index.kind")]
    [InlineData("/collections/bad", """{"index":{"efConstruction":0}}""", ErrorCodes.InvalidValue, "index.efConstruction")]
    [InlineData("/collections/bad", """{"index":{"links":8}}""", ErrorCodes.UnknownProperty, "index.links")]
    [InlineData("/collections/bad", """{"name":"x"}""", ErrorCodes.UnknownProperty, "name")]
    public async Task Bad_collection_is_refused(string route, string body, string code, string field) =>
        (await Server.SendAsync(HttpMethod.Put, route, Json(body))).ExpectProblem(400, code, field);

    [Fact]
    public async Task Index_parameters_are_those_of_the_collection()
    {
        const string settings = """{"index":{"kind":"hnsw","m":8,"efConstruction":50,"ef":20,"exactBelow":null}}""";
        var index = (await Server.SendAsync(HttpMethod.Put, "/collections/tuned", Json(settings))).Expect(201).GetProperty("index");
        Assert.Equal("hnsw", index.GetProperty("kind").GetString());
        Assert.Equal([8, 50, 20], new[] { "m", "efConstruction", "ef" }.Select(name => index.GetProperty(name).GetInt32()));
        (await Server.SendAsync(HttpMethod.Put, "/collections/tuned", Json(settings))).Expect(200);
        (await Server.SendAsync(HttpMethod.Put, "/collections/tuned", Json("""{"index":{"m":16}}"""))).ExpectProblem(409, ErrorCodes.Conflict);
        Assert.Equal(20, (await Server.PostAsync("/collections/tuned/check", "{}")).Expect(200).GetProperty("ef").GetInt32());
    }

    [Theory]
    [InlineData("/embed", """{"data":[["a"]]}""")]
    [InlineData("/tokenize", """{"data":[["a"]]}""")]
    [InlineData("/similarity", """{"texts":["a"]}""")]
    public async Task Routes_below_a_collection_need_it_to_be_there(string route, string body)
    {
        (await Server.PostAsync($"/collections/default{route}", body)).Expect(200);
        (await Server.PostAsync($"/collections/nope{route}", body)).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Model_routes_use_the_model_of_their_collection()
    {
        (await Server.SendAsync(HttpMethod.Put, "/collections/mean", Json("""{"pooling":"mean"}"""))).Expect(201);
        const string data = """{"data":[["A heron stands in the reeds."],["It will rain."]],"output":["vector","sequence"]}""";
        var own = (await Server.PostAsync("/collections/mean/embed", data)).Expect(200).GetProperty("results");
        var vector = Numbers(own[0].GetProperty("vector"));
        var other = Numbers(own[1].GetProperty("vector"));
        var rows = own[0].GetProperty("sequence").EnumerateArray().Select(Numbers).ToList();
        var mean = Enumerable.Range(0, vector.Length).Select(i => rows.Average(row => row[i])).ToArray();
        var norm = Math.Sqrt(mean.Sum(value => value * value));
        Assert.All(vector.Zip(mean), pair => Assert.Equal(pair.Second / norm, pair.First, 1e-4));

        var usual = Numbers((await Server.PostAsync("/embed", data)).Expect(200).GetProperty("results")[0].GetProperty("vector"));
        Assert.InRange(usual.Zip(vector, (x, y) => x * y).Sum(), -1, 0.9);
        var matrix = (await Server.PostAsync("/collections/mean/similarity", """{"texts":["A heron stands in the reeds.","It will rain."]}""")).Expect(200).GetProperty("matrix");
        Assert.Equal(vector.Zip(other, (x, y) => x * y).Sum(), matrix[0][1].GetDouble(), 1e-4);
        (await Server.PostAsync("/collections/mean/tokenize", """{"data":[["A heron."]]}""")).Expect(200);

        static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];
    }

    [Fact]
    public async Task Verify_answers_findings_and_repairs_on_request()
    {
        (await Server.SendAsync(HttpMethod.Put, "/collections/verified")).Expect(201);
        (await Server.PostAsync("/collections/verified/index?wait=true", """{"documents":[{"id":"a","text":"red cat"},{"id":"b","text":"blue dog"}]}""")).Expect(200);

        var looked = (await Server.PostAsync("/collections/verified/verify", "")).Expect(200);
        Assert.Equal("""{"ok":true,"documents":2,"chunks":2,"findings":[]}""", looked.GetRawText());
        Assert.True((await Server.PostAsync("/collections/verified/verify", """{"repair":true}""")).Expect(200).GetProperty("ok").GetBoolean());

        (await Server.PostAsync("/collections/nowhere/verify", "{}")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.PostAsync("/collections/verified/verify", """{"repair":1}""")).ExpectProblem(400, ErrorCodes.InvalidValue, "repair");
        (await Server.PostAsync("/collections/verified/verify", """{"fix":true}""")).ExpectProblem(400, ErrorCodes.UnknownProperty, "fix");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
