using System.Text;
using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class DocumentEndpointsTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Document_comes_back_with_its_revision_as_entity_tag()
    {
        await IndexAsync("doc-1", "First text.", """{"a":{"b":[1,2.50,"x"]}}""");

        var answer = await Server.GetAsync("/documents/doc-1");

        var document = answer.Expect(200);
        Assert.Equal(["id", "text", "metadata", "revision", "updatedAt"], document.EnumerateObject().Select(property => property.Name));
        Assert.Equal("First text.", document.GetProperty("text").GetString());
        Assert.Equal("""{"a":{"b":[1,2.50,"x"]}}""", document.GetProperty("metadata").GetRawText());
        Assert.Equal($"\"{document.GetProperty("revision").GetInt64()}\"", answer.Headers["ETag"]);
        Assert.NotEqual(default, document.GetProperty("updatedAt").GetDateTimeOffset());
        Assert.Equal(document.GetRawText(), (await Server.GetAsync("/documents?id=doc-1")).Expect(200).GetRawText());
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("a%2Fb")]
    [InlineData("..")]
    [InlineData("ä 中 😀")]
    [InlineData("a+b&c=d?e#f")]
    [InlineData(" ")]
    public async Task Any_id_is_addressed_by_query_and_gone_after_delete(string id)
    {
        await IndexAsync(id, "Some text.");
        var route = $"/documents?id={Uri.EscapeDataString(id)}";

        Assert.Equal(id, (await Server.GetAsync(route)).Expect(200).GetProperty("id").GetString());
        Assert.Equal(204, (int)(await Server.DeleteAsync(route)).Status);
        (await Server.GetAsync(route)).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.DeleteAsync(route)).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Deleted_document_is_not_found_by_search_and_can_come_back()
    {
        const string query = """{"query":"A walrus plays the accordion.","k":1}""";
        await IndexAsync("walrus", "A walrus plays the accordion.");
        Assert.Equal("walrus", (await Server.PostAsync("/search", query)).Expect(200).GetProperty("hits")[0].GetProperty("id").GetString());

        Assert.Equal(204, (int)(await Server.DeleteAsync("/documents/walrus")).Status);

        Assert.DoesNotContain("\"walrus\"", (await Server.PostAsync("/search", query)).Text, StringComparison.Ordinal);
        await IndexAsync("walrus", "A walrus plays the accordion.");
        Assert.Equal("walrus", (await Server.PostAsync("/search", query)).Expect(200).GetProperty("hits")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Listing_pages_through_all_documents_once()
    {
        for (var i = 0; i < 7; i++)
        {
            await IndexAsync($"list-{i}", $"Listed {i}.");
        }

        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await Server.GetAsync(cursor is null ? "/documents?limit=3" : $"/documents?limit=3&cursor={Uri.EscapeDataString(cursor)}")).Expect(200);
            Assert.Equal(["documents", "next"], page.EnumerateObject().Select(property => property.Name));
            Assert.InRange(page.GetProperty("documents").GetArrayLength(), 0, 3);
            ids.AddRange(page.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(ids.Distinct().Count(), ids.Count);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"list-{i}"), ids.Where(id => id.StartsWith("list-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Patch_merges_metadata_under_a_new_revision()
    {
        await IndexAsync("patched", "Stays as it is.", """{"a":1,"b":{"c":2,"d":3}}""");
        var before = await Server.GetAsync("/documents/patched");

        var answer = await PatchAsync("/documents/patched", """{"metadata":{"a":null,"b":{"c":4},"e":"ä"}}""", before.Headers["ETag"]);

        Assert.Equal("""{"b":{"c":4,"d":3},"e":"ä"}""", answer.Expect(200).GetProperty("metadata").GetRawText());
        Assert.Equal("Stays as it is.", answer.Json.GetProperty("text").GetString());
        Assert.NotEqual(before.Headers["ETag"], answer.Headers["ETag"]);
        Assert.Equal(answer.Text, (await Server.GetAsync("/documents/patched")).Text);
        (await PatchAsync("/documents/patched", """{"metadata":{"a":1}}""", before.Headers["ETag"])).ExpectProblem(412, ErrorCodes.PreconditionFailed);
        (await PatchAsync("/documents?id=patched", """{"metadata":{"a":1}}""", "*")).Expect(200);
        (await PatchAsync("/documents/not-there", """{"metadata":{"a":1}}""")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Theory]
    [InlineData("{}", ErrorCodes.MissingField, "metadata")]
    [InlineData("""{"metadata":null}""", ErrorCodes.InvalidValue, "metadata")]
    [InlineData("""{"metadata":[]}""", ErrorCodes.InvalidValue, "metadata")]
    [InlineData("""{"text":"new"}""", ErrorCodes.NotSupported, "text")]
    [InlineData("""{"lang":"de"}""", ErrorCodes.UnknownProperty, "lang")]
    public async Task Bad_patch_is_refused(string body, string code, string field) => (await PatchAsync("/documents/any", body)).ExpectProblem(400, code, field);

    [Fact]
    public async Task Delete_honours_the_entity_tag()
    {
        await IndexAsync("tagged", "First.");
        var old = (await Server.GetAsync("/documents/tagged")).Headers["ETag"];
        await IndexAsync("tagged", "Second.");
        var current = (await Server.GetAsync("/documents/tagged")).Headers["ETag"];

        (await SendAsync(HttpMethod.Delete, "/documents/tagged", null, old)).ExpectProblem(412, ErrorCodes.PreconditionFailed);
        (await SendAsync(HttpMethod.Delete, "/documents/tagged", null, "\"x\"")).ExpectProblem(412, ErrorCodes.PreconditionFailed);
        (await SendAsync(HttpMethod.Delete, "/documents/tagged", null, "7")).ExpectProblem(400, ErrorCodes.InvalidValue, "If-Match");
        Assert.Equal(204, (int)(await SendAsync(HttpMethod.Delete, "/documents/tagged", null, current)).Status);
    }

    [Fact]
    public async Task Documents_are_deleted_by_ids_and_by_filter()
    {
        for (var i = 0; i < 6; i++)
        {
            await IndexAsync($"many-{i}", $"One of many, {i}.", $$$"""{"many":true,"n":{{{i}}}}""");
        }

        var byIds = (await Server.PostAsync("/documents/delete?wait=true", """{"ids":["many-0","many-1","not-there"]}""")).Expect(200);
        var counted = (await Server.PostAsync("/documents/delete", """{"filter":{"many":true,"n":{"gte":4}},"dryRun":true}""")).Expect(200);
        var accepted = (await Server.PostAsync("/documents/delete", """{"filter":{"many":true,"n":{"gte":4}}}""")).Expect(202);
        (await Server.PostAsync($"/search?after={accepted.GetProperty("operationId").GetString()}", """{"query":"one of many"}""")).Expect(200);

        Assert.Equal("""{"status":"completed","deleted":2,"failed":[]}""", byIds.GetRawText());
        Assert.Equal("""{"documents":2,"dryRun":true}""", counted.GetRawText());
        var left = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i => (int)(await Server.GetAsync($"/documents/many-{i}")).Status == 200));
        Assert.Equal([false, false, true, true, false, false], left);
    }

    [Theory]
    [InlineData("{}", ErrorCodes.MissingField, "ids")]
    [InlineData("""{"ids":[]}""", ErrorCodes.Empty, "ids")]
    [InlineData("""{"ids":["a",7]}""", ErrorCodes.InvalidValue, "ids[1]")]
    [InlineData("""{"ids":["a"],"filter":{"a":1}}""", ErrorCodes.InvalidValue, "filter")]
    [InlineData("""{"ids":["a"],"dryRun":true}""", ErrorCodes.InvalidValue, "dryRun")]
    [InlineData("""{"filter":{}}""", ErrorCodes.InvalidValue, "filter")]
    public async Task Bad_deletion_is_refused(string body, string code, string field) => (await Server.PostAsync("/documents/delete", body)).ExpectProblem(400, code, field);

    [Fact]
    public async Task Export_imports_again_to_the_same_state()
    {
        await using var first = await RunningServer.StartAsync("--AlbertSearch:Limits:PageSize", "3");
        await using var second = await RunningServer.StartAsync();
        var documents = Enumerable.Range(0, 10).Select(i => new { id = $"odd/{i}\u2028 😀", text = $"Line one {i}\n\"two\" \u0001 ä", metadata = i % 2 == 0 ? new { n = i, s = "<é>" } : null });
        (await first.PostAsync("/index?wait=true", JsonSerializer.Serialize(new { documents }))).Expect(200);

        var export = await first.GetAsync("/documents/export");

        Assert.Equal("application/x-ndjson", export.ContentType);
        Assert.Equal(10, export.Text.Count(letter => letter == '\n'));
        Assert.Equal(10, (await second.PostAsync("/index?wait=true", export.Text, "application/x-ndjson")).Expect(200).GetProperty("added").GetInt32());
        Assert.Equal(export.Text, (await second.GetAsync("/documents/export")).Text);
        Assert.Equal(10, (await first.PostAsync("/index?wait=true", export.Text, "application/x-ndjson")).Expect(200).GetProperty("unchanged").GetInt32());
    }

    [Theory]
    [InlineData("/documents?limit=0", ErrorCodes.InvalidValue, "limit")]
    [InlineData("/documents?limit=1001", ErrorCodes.InvalidValue, "limit")]
    [InlineData("/documents?limit=x", ErrorCodes.InvalidValue, "limit")]
    [InlineData("/documents?cursor=%F0%9F%98%80", ErrorCodes.InvalidValue, "cursor")]
    [InlineData("/documents?page=2", ErrorCodes.UnknownProperty, "page")]
    [InlineData("/documents?id=", ErrorCodes.MissingField, "id")]
    [InlineData("/documents?id=a&limit=3", ErrorCodes.UnknownProperty, "limit")]
    [InlineData("/documents/a?x=1", ErrorCodes.UnknownProperty, "x")]
    [InlineData("/documents/%FF", ErrorCodes.InvalidUtf8, "id")]
    public async Task Bad_request_is_refused(string route, string code, string field) => (await Server.GetAsync(route)).ExpectProblem(400, code, field);

    [Fact]
    public async Task Delete_without_an_id_is_refused() => (await Server.DeleteAsync("/documents")).ExpectProblem(400, ErrorCodes.MissingField, "id");

    private Task<ApiAnswer> PatchAsync(string route, string body, string? ifMatch = null) => SendAsync(HttpMethod.Patch, route, body, ifMatch);

    private Task<ApiAnswer> SendAsync(HttpMethod method, string route, string? body, string? ifMatch)
    {
        var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/merge-patch+json");
        return Server.SendAsync(method, route, content, ifMatch is null ? [] : [("If-Match", ifMatch)]);
    }

    private async Task IndexAsync(string id, string text, string metadata = "null") =>
        (await Server.PostAsync("/index?wait=true", $$"""{"documents":[{"id":{{JsonSerializer.Serialize(id)}},"text":"{{text}}","metadata":{{metadata}}}]}""")).Expect(200);
}
