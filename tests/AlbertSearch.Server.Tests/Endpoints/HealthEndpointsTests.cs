namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class HealthEndpointsTests(SharedServer shared)
{
    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Server_that_can_search_is_healthy(string route, string status) =>
        Assert.Equal(status, (await shared.Server.GetAsync(route)).Expect(200).GetProperty("status").GetString());
}
