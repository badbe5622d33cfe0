using System.Text.Json;

namespace AlbertSearch.Server.Tests.OpenApi;

[Collection(SharedServer.Name)]
public class ApiDescriptionTests(SharedServer shared)
{
    [Theory]
    [InlineData("/index", "post", "202")]
    [InlineData("/search", "post", "200")]
    [InlineData("/collections/{name}/check", "post", "200")]
    [InlineData("/embed", "post", "200")]
    [InlineData("/tokenize", "post", "200")]
    [InlineData("/similarity", "post", "200")]
    [InlineData("/documents", "get", "200")]
    [InlineData("/documents/{id}", "get", "200")]
    [InlineData("/documents/{id}", "delete", "204")]
    [InlineData("/operations", "get", "200")]
    [InlineData("/operations/{id}", "get", "200")]
    [InlineData("/collections/{name}", "get", "200")]
    [InlineData("/collections/{collection}/search", "post", "200")]
    [InlineData("/predict/{module}", "post", "200")]
    [InlineData("/health/ready", "get", "200")]
    public async Task Route_is_described_with_body_answers_and_errors(string path, string method, string status)
    {
        var document = (await shared.Server.GetAsync("/openapi/v1.json")).Expect(200);

        var operation = document.GetProperty("paths").GetProperty(path).GetProperty(method);
        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        Assert.True(operation.GetProperty("responses").TryGetProperty(status, out _));
        if (method == "post")
        {
            var body = operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
            Assert.Equal(JsonValueKind.Object, body.GetProperty("schema").ValueKind);
            Assert.Equal(JsonValueKind.Object, body.GetProperty("example").ValueKind);
            Assert.True(operation.GetProperty("responses").GetProperty("503").GetProperty("content").TryGetProperty("application/problem+json", out _));
        }

        foreach (var name in path.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => segment.Trim('{', '}')))
        {
            Assert.Contains(operation.GetProperty("parameters").EnumerateArray(), parameter => parameter.GetProperty("name").GetString() == name && parameter.GetProperty("in").GetString() == "path");
        }
    }

    [Theory]
    [InlineData("/index")]
    [InlineData("/search")]
    [InlineData("/embed")]
    [InlineData("/tokenize")]
    [InlineData("/similarity")]
    [InlineData("/predict/{module}")]
    public async Task Example_works(string path)
    {
        var document = (await shared.Server.GetAsync("/openapi/v1.json")).Expect(200);
        var example = document.GetProperty("paths").GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");

        var answer = await shared.Server.PostAsync(path.Replace("{module}", "albert-base-v1", StringComparison.Ordinal), example.GetRawText());

        Assert.InRange((int)answer.Status, 200, 202);
    }

    [Fact]
    public async Task Problem_schema_has_a_code()
    {
        var document = (await shared.Server.GetAsync("/openapi/v1.json")).Expect(200);

        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("ProblemResponse").GetProperty("properties").TryGetProperty("code", out _));
    }
}
