namespace AlbertSearch.Server.Tests.Endpoints;

[Collection(SharedServer.Name)]
public class HealthEndpointsTests(SharedServer shared)
{
    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Server_that_can_search_is_healthy(string route, string status) =>
        Assert.Equal(status, (await shared.Server.GetAsync(route)).Expect(200).GetProperty("status").GetString());

    [Theory]
    [InlineData("/health/ready", 200)]
    [InlineData("/documents", 200)]
    [InlineData("/documents/nope", 404)]
    [InlineData("/search", 405)]
    public async Task Head_is_answered_as_get_without_a_body(string route, int status)
    {
        var answer = await shared.Server.SendAsync(HttpMethod.Head, route);

        Assert.Equal((status, ""), ((int)answer.Status, answer.Text));
    }
}
