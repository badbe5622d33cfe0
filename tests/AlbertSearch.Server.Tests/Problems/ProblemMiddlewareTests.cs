using System.Net.Sockets;
using System.Text;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AlbertSearch.Server.Tests.Problems;

[Collection(SharedServer.Name)]
public class ProblemMiddlewareTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Theory]
    [InlineData("/")]
    [InlineData("/nope")]
    [InlineData("/index/nope")]
    [InlineData("/collections/default/nope")]
    public async Task Unknown_route_is_a_problem(string route) => (await Server.GetAsync(route)).ExpectProblem(404, ErrorCodes.NotFound);

    [Fact]
    public async Task Other_method_is_a_problem_that_names_the_right_one()
    {
        var answer = await Server.GetAsync("/search");

        Assert.Contains("POST", answer.ExpectProblem(405, ErrorCodes.NotSupported), StringComparison.Ordinal);
        Assert.Contains("POST", answer.Headers["Allow"], StringComparison.Ordinal);
        (await Server.PostAsync("/health/ready", "{}")).ExpectProblem(405, ErrorCodes.NotSupported);
    }

    [Fact]
    public async Task Body_over_the_limit_is_refused_whether_its_length_is_declared_or_not()
    {
        const int limit = 4_096;
        await using var server = await RunningServer.StartAsync("--AlbertSearch:Limits:JsonBodyBytes", "4096");
        var body = Encoding.UTF8.GetBytes("""{"query":"a"}""" + new string(' ', limit));
        using var chunked = new StreamContent(new UnseekableStream(body));
        chunked.Headers.ContentType = new("application/json");

        Assert.Contains("4096", (await server.PostAsync("/search", body)).ExpectProblem(413, ErrorCodes.TooLong), StringComparison.Ordinal);
        Assert.Contains("4096", (await server.SendAsync(HttpMethod.Post, "/search", chunked)).ExpectProblem(413, ErrorCodes.TooLong), StringComparison.Ordinal);
        (await server.PostAsync("/search", body[..limit])).Expect(200);
        (await server.PostAsync("/index?wait=true", string.Concat(Enumerable.Range(0, 300).Select(i => $"{{\"text\":\"Line {i} of a body that has no limit.\"}}\n")), "application/x-ndjson")).Expect(200);
    }

    [Theory]
    [InlineData("POST /search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"query\":")]
    [InlineData("POST /index HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"tex")]
    public async Task Body_that_breaks_off_does_no_harm(string request)
    {
        using (var client = await ConnectAsync(request))
        {
            var answer = await BreakOffAsync(client);
            Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("202 Accepted", answer, StringComparison.Ordinal);
        }

        (await Server.GetAsync("/health/ready")).Expect(200);
    }

    [Theory]
    [InlineData("5\r\n{\"tex\r\nzz\r\n")]
    [InlineData("ffffffffffffffffff\r\n{")]
    public async Task Chunks_that_are_broken_are_a_problem(string chunks)
    {
        using var client = await ConnectAsync($"POST /search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        using var reader = new StreamReader(client.GetStream());

        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_that_breaks_off_keeps_what_was_committed()
    {
        const int lines = 600;
        var body = string.Concat(Enumerable.Range(0, lines).Select(i => $"{{\"id\":\"broken-{i}\",\"text\":\"Broken upload {i}.\"}}\n"));
        using (var client = await ConnectAsync("POST /index HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100000000\r\n\r\n" + body + "{\"id\":\"broken-cut\",\"te"))
        {
            while ((int)(await Server.GetAsync("/documents/broken-0")).Status != 200)
            {
                await Task.Yield();
            }

            await BreakOffAsync(client);
        }

        (await Server.PostAsync("/index?wait=true", """{"documents":[{"id":"after-broken","text":"After it in the queue."}]}""")).Expect(200);

        var broken = (await Server.GetAsync("/operations?limit=2")).Expect(200).GetProperty("operations")[1];
        Assert.Equal("completed", broken.GetProperty("state").GetString());
        Assert.InRange(broken.GetProperty("documents").GetInt32(), 1, lines);
        (await Server.GetAsync("/documents/broken-cut")).ExpectProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Defect_is_told_without_its_inside()
    {
        var context = new DefaultHttpContext();
        context.Response.Body = new MemoryStream();
        var middleware = new ProblemMiddleware(_ => throw new InvalidOperationException("secret"), NullLogger<ProblemMiddleware>.Instance);

        await middleware.InvokeAsync(context);

        context.Response.Body.Position = 0;
        var text = await new StreamReader(context.Response.Body).ReadToEndAsync();
        Assert.Equal(500, context.Response.StatusCode);
        Assert.Contains("\"code\":\"internal\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ErrorCodes.Conflict, 409)]
    [InlineData(ErrorCodes.ModelMismatch, 409)]
    [InlineData(ErrorCodes.PreconditionFailed, 412)]
    [InlineData(ErrorCodes.TooLong, 413)]
    [InlineData(ErrorCodes.TooMany, 413)]
    [InlineData(ErrorCodes.QueueFull, 429)]
    [InlineData(ErrorCodes.Busy, 429)]
    [InlineData(ErrorCodes.NotReady, 503)]
    [InlineData(ErrorCodes.StorageUnavailable, 503)]
    [InlineData(ErrorCodes.Internal, 500)]
    [InlineData(ErrorCodes.DuplicateId, 400)]
    public void Code_has_its_status(string code, int status) => Assert.Equal(status, ProblemStatus.Of(code));

    [Fact]
    public void Every_code_has_a_status_of_its_own_choice()
    {
        var codes = typeof(ErrorCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).Where(code => code != ErrorCodes.Internal);

        Assert.All(codes, code => Assert.NotEqual(500, ProblemStatus.Of(code)));
    }

    private static async Task<string> BreakOffAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream());
        client.Client.Shutdown(SocketShutdown.Send);
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // A server may also hang up on one who hangs up.
            return "";
        }
    }

    private async Task<TcpClient> ConnectAsync(string request)
    {
        var client = new TcpClient();
        await client.ConnectAsync(Server.Client.BaseAddress!.Host, Server.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request));
        return client;
    }

    /// <summary>Has no length, so that it is sent in chunks.</summary>
    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
