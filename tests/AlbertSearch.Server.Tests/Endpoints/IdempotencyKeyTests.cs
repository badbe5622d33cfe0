using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

/// <summary>Requests under an <c>Idempotency-Key</c>: repeated, cut off, and continued.</summary>
[Collection(SharedServer.Name)]
public class IdempotencyKeyTests(SharedServer shared)
{
    private const string Ndjson = "application/x-ndjson";

    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Same_key_is_answered_with_the_first_operation()
    {
        const string body = """{"documents":[{"id":"keyed","text":"Once."}]}""";
        var first = (await SendKeyedAsync("/index", body, "application/json", "key-1")).Expect(202).GetProperty("operationId").GetString();

        var again = (await SendKeyedAsync("/index", body, "application/json", "key-1")).Expect(202).GetProperty("operationId").GetString();

        Assert.Equal(first, again);
        (await SendKeyedAsync("/index", body.Replace("Once", "Twice", StringComparison.Ordinal), "application/json", "key-1")).ExpectProblem(409, ErrorCodes.Conflict);
        (await SendKeyedAsync("/index", body, "application/json", new string('k', 257))).ExpectProblem(400, ErrorCodes.InvalidValue, "Idempotency-Key");
        Assert.Equal(first, (await Server.GetAsync("/operations?key=key-1")).Expect(200).GetProperty("operations")[0].GetProperty("id").GetString());
        Assert.Equal(0, (await Server.GetAsync("/operations?key=other")).Expect(200).GetProperty("operations").GetArrayLength());
        var lines = (await SendKeyedAsync("/index", "{\"id\":\"keyed-2\",\"text\":\"Line.\"}", Ndjson, "key-2")).Expect(202).GetProperty("operationId").GetString();
        Assert.Equal(lines, (await SendKeyedAsync("/index", "{\"id\":\"keyed-2\",\"text\":\"Line.\"}", Ndjson, "key-2")).Expect(202).GetProperty("operationId").GetString());
        (await SendKeyedAsync("/index?from=2", "{\"id\":\"keyed-3\",\"text\":\"Line.\"}", Ndjson, "key-2")).ExpectProblem(409, ErrorCodes.Conflict);
        (await SendKeyedAsync("/index?from=2", "{\"id\":\"keyed-3\",\"text\":\"Line.\"}", Ndjson, "key-3")).ExpectProblem(404, ErrorCodes.NotFound);
        (await Server.PostAsync("/index?from=2", "{\"id\":\"keyed-3\",\"text\":\"Line.\"}", Ndjson)).ExpectProblem(400, ErrorCodes.MissingField, "Idempotency-Key");
    }

    [Theory]
    [InlineData(Ndjson)]
    [InlineData("text/csv")]
    public async Task Upload_that_was_cut_off_goes_on_under_its_key(string contentType)
    {
        const int count = 700;
        var csv = contentType == "text/csv";
        var name = csv ? "cut-csv" : "cut-ndjson";
        var lines = Enumerable.Range(1, count).Select(i => csv ? $"{name}-{i},Line {i} of an upload.\n" : $"{{\"id\":\"{name}-{i}\",\"text\":\"Line {i} of an upload.\"}}\n").ToList();
        if (csv)
        {
            lines.Insert(0, "id,text\n");
        }

        var cut = await SendAndCutAsync(string.Concat(lines.Take(400)), contentType, name);
        var committed = cut.GetProperty("lines").GetInt32();
        Assert.InRange(committed, 1, 401);
        Assert.Contains($"?from={committed + 1}", cut.GetProperty("error").GetString(), StringComparison.Ordinal);
        (await SendKeyedAsync("/index", string.Concat(lines), contentType, name)).ExpectProblem(409, ErrorCodes.Conflict);

        var rest = string.Concat(lines.Skip(committed)) + (csv ? "broken\n" : "{\n");
        var answer = (await SendKeyedAsync($"/index?wait=true&from={committed + 1}", csv ? "id,text\n" + rest : rest, contentType, name)).Expect(200);

        Assert.Equal(count, answer.GetProperty("added").GetInt32());
        Assert.Equal(lines.Count + 1, answer.GetProperty("failed")[0].GetProperty("line").GetInt32());
        (await Server.GetAsync($"/documents/{name}-{count}")).Expect(200);
    }

    [Fact]
    public async Task Gzip_body_that_was_cut_off_is_refused_and_its_operation_says_so()
    {
        var lines = string.Concat(Enumerable.Range(1, 600).Select(i => $"{{\"id\":\"zip-{i}\",\"text\":\"Line {i} {Guid.NewGuid()}.\"}}\n"));
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(lines));
        }

        foreach (var cut in new[] { 1, (int)packed.Length / 2 })
        {
            using var content = new ByteArrayContent(packed.ToArray()[..^cut]);
            content.Headers.ContentType = new(Ndjson);
            content.Headers.ContentEncoding.Add("gzip");
            var detail = (await Server.SendAsync(HttpMethod.Post, "/index", content, ("Idempotency-Key", $"zip-{cut}"))).ExpectProblem(400, ErrorCodes.InvalidValue);
            Assert.Contains("ends too early", detail, StringComparison.Ordinal);

            var operation = (await Server.GetAsync($"/operations?key=zip-{cut}")).Expect(200).GetProperty("operations")[0];
            Assert.True(operation.GetProperty("cutOff").GetBoolean());
        }
    }

    [Fact]
    public async Task Upload_that_was_cut_after_its_last_line_ends_with_an_empty_rest()
    {
        // As many lines as are committed at once.
        var lines = string.Concat(Enumerable.Range(1, 256).Select(i => $"{{\"id\":\"all-{i}\",\"text\":\"Line {i} of an upload.\"}}\n"));
        var cut = await SendAndCutAsync(lines, Ndjson, "all");
        Assert.Equal(256, cut.GetProperty("lines").GetInt32());

        var answer = (await SendKeyedAsync("/index?wait=true&from=257", "", Ndjson, "all")).Expect(200);

        Assert.Equal(("completed", 256), (answer.GetProperty("status").GetString(), answer.GetProperty("added").GetInt32()));
        Assert.False((await Server.GetAsync("/operations?key=all")).Expect(200).GetProperty("operations")[0].TryGetProperty("cutOff", out _));
    }

    /// <summary>Sends a part of a body, and breaks the connection once the part is being indexed.</summary>
    /// <returns>The operation.</returns>
    private async Task<JsonElement> SendAndCutAsync(string part, string contentType, string name)
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(Server.Client.BaseAddress!.Host, Server.Client.BaseAddress.Port);
            var head = $"POST /index HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {name}\r\nContent-Type: {contentType}\r\nContent-Length: 10000000\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head + part));
            while ((int)(await Server.GetAsync($"/documents/{name}-1")).Status != 200)
            {
                await Task.Yield();
            }
        }

        JsonElement cut;
        do
        {
            cut = (await Server.GetAsync($"/operations?key={name}")).Expect(200).GetProperty("operations")[0];
        }
        while (!cut.TryGetProperty("cutOff", out _));
        return cut;
    }

    private Task<ApiAnswer> SendKeyedAsync(string route, string body, string contentType, string key) =>
        Server.SendAsync(HttpMethod.Post, route, new StringContent(body, Encoding.UTF8, contentType), ("Idempotency-Key", key));
}
