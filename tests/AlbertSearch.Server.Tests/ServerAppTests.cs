using System.Net;
using System.Net.Sockets;
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
        Assert.Contains("AlbertSearch can't start.", server.Output, StringComparison.Ordinal);
        Assert.Contains(expected, server.Output, StringComparison.Ordinal);
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
}
