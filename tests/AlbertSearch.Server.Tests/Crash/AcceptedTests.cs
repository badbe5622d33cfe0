using System.Net;
using System.Text;
using System.Text.Json;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests.Crash;

public class AcceptedTests
{
    [Theory]
    [InlineData("application/json", 0)]
    [InlineData("application/json", 30)]
    [InlineData("application/x-ndjson", 0)]
    [InlineData("application/x-ndjson", 150)]
    public async Task Accepted_documents_are_all_there_after_a_kill(string contentType, int millisecondsLater)
    {
        const int documents = 400;
        using var folder = new TemporaryFolder();
        var lines = Enumerable.Range(0, documents).Select(i => JsonSerializer.Serialize(new { id = $"d{i}", text = $"Document number {i} is about topic {i % 17}." }));
        var body = contentType == "application/json" ? $$"""{"documents":[{{string.Join(',', lines)}}]}""" : string.Join('\n', lines);
        string operationId;
        await using (var server = await ServerProcess.StartAsync(folder.File("index-data")))
        {
            using var content = new StringContent(body, Encoding.UTF8, contentType);
            using var answer = await server.Client.PostAsync(new Uri("/index", UriKind.Relative), content);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            operationId = JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("operationId").GetString()!;
            await Task.Delay(millisecondsLater);
            await server.KillAsync();
        }

        await using var restarted = await ServerProcess.StartAsync(folder.File("index-data"));
        JsonElement operation;
        do
        {
            operation = JsonElement.Parse(await restarted.Client.GetStringAsync(new Uri($"/operations/{operationId}", UriKind.Relative)));
        }
        while (operation.GetProperty("state").GetString() is "accepted" or "running");

        Assert.Equal("completed", operation.GetProperty("state").GetString());
        Assert.Equal((documents, 0), (operation.GetProperty("done").GetInt32(), operation.GetProperty("failed").GetArrayLength()));
        var collection = JsonElement.Parse(await restarted.Client.GetStringAsync(new Uri("/collections/default", UriKind.Relative)));
        Assert.Equal((documents, documents, documents), (
            collection.GetProperty("documents").GetInt32(),
            collection.GetProperty("chunks").GetInt32(),
            collection.GetProperty("index").GetProperty("count").GetInt32()));
    }
}
