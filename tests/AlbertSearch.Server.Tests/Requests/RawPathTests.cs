using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AlbertSearch.Server.Tests.Requests;

public class RawPathTests
{
    [Theory]
    [InlineData("/documents/a", "a")]
    [InlineData("/documents/a?wait=true", "a")]
    [InlineData("/documents/a%2Fb", "a/b")]
    [InlineData("/documents/a%252Fb", "a%2Fb")]
    [InlineData("/documents/%C3%A4%E2%82%AC%F0%9F%98%80", "ä€😀")]
    [InlineData("/documents/a+b%20c", "a+b c")]
    [InlineData("/documents/100%", "100%")]
    [InlineData("/documents/%zz", "%zz")]
    [InlineData("http://host/documents/a%2Fb", "a/b")]
    [InlineData("/documents/a/", "a")]
    public void Last_segment_is_decoded_once(string target, string expected) =>
        Assert.Equal(expected, RawPath.LastSegment(ContextOf(target)));

    [Fact]
    public void Segment_that_is_not_UTF8_is_refused() =>
        Assert.Equal(ErrorCodes.InvalidUtf8, Assert.Throws<ProblemException>(() => RawPath.LastSegment(ContextOf("/documents/%FF"))).Code);

    private static DefaultHttpContext ContextOf(string target)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return context;
    }
}
