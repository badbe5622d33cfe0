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

        Assert.Equal(["name", "documents", "chunks", "model", "index"], collection.EnumerateObject().Select(property => property.Name));
        Assert.Equal("default", collection.GetProperty("name").GetString());
        Assert.True(collection.GetProperty("documents").GetInt64() >= 1);
        Assert.True(collection.GetProperty("chunks").GetInt64() >= collection.GetProperty("documents").GetInt64());
        Assert.Equal("albertsearch-mini-v1", collection.GetProperty("model").GetProperty("name").GetString());
        Assert.Matches("^[0-9a-f]{64}$", collection.GetProperty("model").GetProperty("identity").GetString());
        Assert.Contains(collection.GetProperty("index").GetProperty("kind").GetString(), new[] { "flat", "hnsw" });
        Assert.True(collection.GetProperty("index").GetProperty("count").GetInt64() >= 1);
    }

    [Fact]
    public async Task Listing_holds_the_default_collection() =>
        Assert.Contains((await Server.GetAsync("/collections")).Expect(200).GetProperty("collections").EnumerateArray(), collection => collection.GetProperty("name").GetString() == "default");

    [Theory]
    [InlineData("/collections/nope")]
    [InlineData("/collections/Default")]
    [InlineData("/collections/%2e%2e%2fetc")]
    public async Task Unknown_collection_is_not_found(string route) => (await Server.GetAsync(route)).ExpectProblem(404, ErrorCodes.NotFound);

    [Theory]
    [InlineData("/embed", """{"data":[["a"]]}""")]
    [InlineData("/tokenize", """{"data":[["a"]]}""")]
    [InlineData("/similarity", """{"texts":["a"]}""")]
    public async Task Routes_below_a_collection_need_it_to_be_there(string route, string body)
    {
        (await Server.PostAsync($"/collections/default{route}", body)).Expect(200);
        (await Server.PostAsync($"/collections/nope{route}", body)).ExpectProblem(404, ErrorCodes.NotFound);
    }
}
