using System.Net;
using System.Text.Json;

namespace AlbertSearch.Server.Tests;

/// <summary>An answer of the server, read to its end.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The media type; null when there is no body.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Text">The body.</param>
public sealed record ApiAnswer(HttpStatusCode Status, string? ContentType, IReadOnlyDictionary<string, string> Headers, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>Checks that it is a problem as RFC 9457 and the API's own rules write it.</summary>
    /// <returns>The problem's detail.</returns>
    public string ExpectProblem(int status, string code, string? field = null)
    {
        Assert.True(status == (int)Status, $"expected {status} {code}, got {(int)Status}: {Text}");
        Assert.Equal("application/problem+json", ContentType);
        var problem = Json;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Equal("about:blank", problem.GetProperty("type").GetString());
        var detail = problem.GetProperty("detail").GetString()!;
        Assert.NotEmpty(detail);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        if (field is not null)
        {
            var (name, messages) = Assert.Single(problem.GetProperty("errors").EnumerateObject().Select(error => (error.Name, error.Value)));
            Assert.Equal(field, name);
            Assert.Equal(detail, Assert.Single(messages.EnumerateArray()).GetString());
        }

        return detail;
    }

    /// <summary>Checks the status and gives the body.</summary>
    public JsonElement Expect(int status)
    {
        Assert.True(status == (int)Status, $"expected {status}, got {(int)Status}: {Text}");
        Assert.Equal("application/json", ContentType);
        return Json;
    }
}
