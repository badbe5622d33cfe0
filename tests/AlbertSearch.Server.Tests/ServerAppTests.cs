using System.Net;
using System.Net.Sockets;
using System.Text;
using AlbertSearch.Testing;

namespace AlbertSearch.Server.Tests;

/// <summary>The real process: how it starts, fails to start, and stops.</summary>
public class ServerAppTests
{
    [Theory]
    [InlineData("--AlbertSearch:Limits:K=abc", "AlbertSearch:Limits:K is 'abc'; allowed: a whole number")]
    [InlineData("--AlbertSearch:Limits:K=0", "AlbertSearch:Limits:K is '0'; allowed: 1 to")]
    [InlineData("--AlbertSearch:Foo=1", "AlbertSearch:Foo is not a setting")]
    [InlineData("--AlbertSearch:Model=models/nope", "models/nope")]
    public async Task Start_that_fails_says_why_and_ends_with_1(string argument, string expected)
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Launch(folder.File("index-data"), argument);

        var exitCode = await server.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Equal(2, server.Output.Split("AlbertSearch can't start.").Length);
        Assert.Equal(2, server.Output.Split(expected).Length);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_that_is_taken_is_named()
    {
        using var folder = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var server = ServerProcess.Launch(folder.File("index-data"), $"--urls=http://{listener.LocalEndpoint}");

        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains($"AlbertSearch can't start. Failed to bind to address http://{listener.LocalEndpoint}", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_server_on_a_data_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var first = await ServerProcess.StartAsync(folder.File("index-data"));
        await using var second = ServerProcess.Launch(folder.File("index-data"));

        Assert.Equal(1, await second.WaitForExitAsync());
        Assert.Equal(2, second.Output.Split("AlbertSearch can't start.").Length);
        Assert.Contains(folder.File("index-data"), second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
        using var answer = await first.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Termination_ends_with_0()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("index-data"));

        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Termination_does_not_wait_for_an_upload_that_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("index-data"), "--AlbertSearch:Server:StopTimeout", "00:01:00");
        using var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /index HTTP/1.1\r\nHost: x\r\nIdempotency-Key: endless\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000000000000\r\n\r\n"u8.ToArray());
        var upload = Task.Run(async () =>
        {
            for (var id = 0; ; id++)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"text\":\"The lamp is lit.\"}}\n"));
            }
        });
        while (!(await server.Client.GetStringAsync(new Uri("/operations?key=endless", UriKind.Relative))).Contains("\"operations\":[{", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        await server.AskToStopAsync();
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.DoesNotContain("The time to stop is over", server.Output, StringComparison.Ordinal);
        Assert.Contains("Closed the data folder", server.Output, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => upload);
    }

    [Theory]
    [InlineData("apply.vectors:1")]
    [InlineData("snapshot.part:1")]
    public async Task Termination_ends_with_0_also_when_something_hangs(string step)
    {
        using var folder = new TemporaryFolder();
        await using (var server = await ServerProcess.StartAsync(
            folder.File("index-data"), [new("ALBERTSEARCH_PAUSE_AT", step)], "--AlbertSearch:Server:StopTimeout", "00:00:02"))
        {
            var hangsBefore = step.StartsWith("apply", StringComparison.Ordinal);
            using var body = new StringContent("""{"documents":[{"id":"a","text":"The lamp is lit."}]}""", Encoding.UTF8, "application/json");
            using var answer = await server.Client.PostAsync(new Uri(hangsBefore ? "/index" : "/index?wait=true", UriKind.Relative), body);
            Assert.True(answer.IsSuccessStatusCode);
            if (hangsBefore)
            {
                await server.HasPrintedAsync("Reached");
            }

            // What hangs does so for ever: without the bound the process would not end.
            await server.AskToStopAsync();
            Assert.Equal(0, await server.WaitForExitAsync());
            Assert.Contains("The time to stop is over", server.Output, StringComparison.Ordinal);
        }

        await using var restarted = await ServerProcess.StartAsync(folder.File("index-data"));
        using var check = await restarted.Client.PostAsync(new Uri("/collections/default/verify", UriKind.Relative), content: null);
        Assert.Contains("\"ok\":true", await check.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        string found;
        do
        {
            found = await restarted.Client.GetStringAsync(new Uri("/documents", UriKind.Relative));
        }
        while (!found.Contains("The lamp is lit.", StringComparison.Ordinal));
    }
}
