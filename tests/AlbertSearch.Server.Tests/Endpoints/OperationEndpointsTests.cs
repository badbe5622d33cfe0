using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class OperationEndpointsTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Operation_has_the_shape_of_the_api()
    {
        var id = await SubmitAsync("shape");
        (await Server.PostAsync("/index?wait=true", """{"documents":[{"id":"op-after","text":"After it in the queue."}]}""")).Expect(200);

        var operation = (await Server.GetAsync($"/operations/{id}")).Expect(200);

        Assert.Equal(["id", "state", "kind", "documents", "done", "failed", "createdAt", "finishedAt"], operation.EnumerateObject().Select(property => property.Name));
        Assert.Equal(id, operation.GetProperty("id").GetString());
        Assert.Equal("completed", operation.GetProperty("state").GetString());
        Assert.True(operation.GetProperty("finishedAt").GetDateTimeOffset() >= operation.GetProperty("createdAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Listing_is_newest_first_with_pages_and_state()
    {
        var first = await SubmitAsync("list-first");
        var second = await SubmitAsync("list-second");
        (await Server.PostAsync("/index?wait=true", """{"documents":[{"id":"op-last","text":"After both in the queue."}]}""")).Expect(200);

        var ids = new List<string>();
        var route = "/operations?state=completed&limit=2";
        while (true)
        {
            var page = (await Server.GetAsync(route)).Expect(200);
            Assert.Equal(["operations", "next"], page.EnumerateObject().Select(property => property.Name));
            ids.AddRange(page.GetProperty("operations").EnumerateArray().Select(operation => operation.GetProperty("id").GetString()!));
            if (page.GetProperty("next").GetString() is not { } next)
            {
                break;
            }

            route = $"/operations?state=completed&limit=2&cursor={Uri.EscapeDataString(next)}";
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.True(ids.IndexOf(second) >= 0 && ids.IndexOf(second) < ids.IndexOf(first));
        Assert.Equal(0, (await Server.GetAsync("/operations?state=canceled")).Expect(200).GetProperty("operations").GetArrayLength());
    }

    [Theory]
    [InlineData("/operations?state=done", "state")]
    [InlineData("/operations?state=Completed", "state")]
    [InlineData("/operations?cursor=nope", "cursor")]
    [InlineData("/operations?limit=0", "limit")]
    public async Task Bad_listing_is_refused(string route, string field) => (await Server.GetAsync(route)).ExpectProblem(400, ErrorCodes.InvalidValue, field);

    [Theory]
    [InlineData("/operations/nope")]
    [InlineData("/operations/99999999999999999999")]
    [InlineData("/operations/%27%20OR%201=1")]
    public async Task Unknown_operation_is_not_found(string route) => (await Server.GetAsync(route)).ExpectProblem(404, ErrorCodes.NotFound);

    private async Task<string> SubmitAsync(string id) =>
        (await Server.PostAsync("/index", $$"""{"documents":[{"id":"op-{{id}}","text":"A document of operation {{id}}."}]}""")).Expect(202).GetProperty("operationId").GetString()!;
}
