using System.Net.Sockets;
using System.Text;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Tests.Endpoints;

public class AdmissionTests
{
    [Fact]
    public async Task Request_over_the_bound_is_told_to_come_back()
    {
        await using var server = await RunningServer.StartAsync("--AlbertSearch:Server:ConcurrentRequests", "1", "--AlbertSearch:Server:WaitingRequests", "0");
        using (var slow = new TcpClient())
        {
            await slow.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
            await slow.GetStream().WriteAsync("POST /search HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"u8.ToArray());
            var interim = new byte[100];
            Assert.StartsWith("HTTP/1.1 100 ", Encoding.ASCII.GetString(interim, 0, await slow.GetStream().ReadAsync(interim)), StringComparison.Ordinal);

            // The server reads the body of the first now, and so works on it.
            var refused = await server.PostAsync("/search", """{"query":"a"}""");

            refused.ExpectProblem(429, ErrorCodes.Busy);
            Assert.Equal("1", refused.Headers["Retry-After"]);
            (await server.PostAsync("/index", """{"documents":[{"text":"Writes have a bound of their own."}]}""")).Expect(202);
            (await server.GetAsync("/documents")).Expect(200);
            (await server.GetAsync("/health/ready")).Expect(200);
        }
    }
}
