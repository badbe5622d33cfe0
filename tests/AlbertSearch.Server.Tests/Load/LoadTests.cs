using AlbertSearch.Testing;
using AlbertSearch.Testing.Crash;

namespace AlbertSearch.Server.Tests.Load;

public class LoadTests
{
    [Fact]
    public async Task Sixty_four_clients_at_once_lose_nothing_and_see_no_error()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("index-data"));
        var fleet = new ClientFleet(count: 64, seed: 3);
        await fleet.RecoverAsync(server.Client);

        // Each checks every answer: any status but success and 429 fails.
        await Task.WhenAll(fleet.Clients.Select(client => client.RunAsync(server.Client, requests: 5)));

        await fleet.RecoverAsync(server.Client);
        await fleet.VerifyAsync(server.Client);
    }
}
