using System.Text.Json;
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

        Assert.Equal(["id", "state", "kind", "documents", "done", "failed", "createdAt", "finishedAt"], operation.EnumerateObject().Select(property => property.Name).Intersect(["id", "state", "kind", "documents", "done", "failed", "error", "createdAt", "finishedAt"]));
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
        Assert.Equal(0, (await Server.GetAsync("/operations?state=failed")).Expect(200).GetProperty("operations").GetArrayLength());
    }

    [Fact]
    public async Task Page_size_bounds_listings_and_is_the_default_of_small_bounds()
    {
        await using var server = await RunningServer.StartAsync("--AlbertSearch:Limits:PageSize", "2");
        (await server.PostAsync("/index?wait=true", """{"documents":[{"text":"One."},{"text":"Two."},{"text":"Three."}]}""")).Expect(200);

        Assert.Equal(2, (await server.GetAsync("/documents")).Expect(200).GetProperty("documents").GetArrayLength());
        (await server.GetAsync("/operations")).Expect(200);
        (await server.GetAsync("/documents?limit=3")).ExpectProblem(400, ErrorCodes.InvalidValue, "limit");
    }

    [Fact]
    public async Task Events_tell_the_course_to_its_end()
    {
        var lines = string.Concat(Enumerable.Range(0, 600).Select(i => $"{{\"id\":\"watched-{i}\",\"text\":\"Watched document {i}.\"}}\n"));
        var id = (await Server.PostAsync("/index", lines, "application/x-ndjson")).Expect(202).GetProperty("operationId").GetString();

        var answer = await Server.GetAsync($"/operations/{id}/events");

        Assert.Equal("text/event-stream", answer.ContentType);
        var events = answer.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(item => item.Split('\n')).ToList();
        Assert.All(events.SkipLast(1), item => Assert.Equal("event: progress", item[0]));
        Assert.Equal("event: end", events[^1][0]);
        var states = events.Select(item => JsonElement.Parse(item[1]["data: ".Length..])).ToList();
        Assert.Equal(states.Select(state => state.GetProperty("done").GetInt32()).Order(), states.Select(state => state.GetProperty("done").GetInt32()));
        Assert.Equal(("completed", 600), (states[^1].GetProperty("state").GetString(), states[^1].GetProperty("done").GetInt32()));
        (await Server.GetAsync("/operations/nope/events")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Canceled_operation_leaves_out_what_was_not_applied()
    {
        var lines = string.Concat(Enumerable.Range(0, 3_000).Select(i => $"{{\"id\":\"unwanted-{i}\",\"text\":\"Unwanted document {i}.\"}}\n"));
        var id = (await Server.PostAsync("/index", lines, "application/x-ndjson")).Expect(202).GetProperty("operationId").GetString();

        (await Server.DeleteAsync($"/operations/{id}")).Expect(200);

        (await Server.PostAsync($"/search?after={id}", """{"query":"Unwanted document","k":1}""")).Expect(200);
        var operation = (await Server.GetAsync($"/operations/{id}")).Expect(200);
        Assert.Equal("canceled", operation.GetProperty("state").GetString());
        Assert.InRange(operation.GetProperty("canceled").GetInt32(), 1, 3_000);
        (await Server.GetAsync("/documents/unwanted-2999")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.DeleteAsync("/operations/nope")).ExpectProblem(404, ErrorCodes.NotFound);
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
