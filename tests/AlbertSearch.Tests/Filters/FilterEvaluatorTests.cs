using System.Text.Json;
using AlbertSearch.Filters;

namespace AlbertSearch.Tests.Filters;

public sealed class FilterEvaluatorTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", true)]
    [InlineData("""{"a":1}""", """{"a":1.0}""", true)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":1}""", """{"a":true}""", false)]
    [InlineData("""{"a":true}""", """{"a":1}""", false)]
    [InlineData("""{"a":null}""", """{"a":null}""", true)]
    [InlineData("""{"a":null}""", """{}""", false)]
    [InlineData("""{"a":{"ne":1}}""", """{}""", true)]
    [InlineData("""{"a":{"ne":1}}""", null, true)]
    [InlineData("""{"a":{"nin":[1,"x"]}}""", """{"a":"x"}""", false)]
    [InlineData("""{"a":{"in":[1,"x",null,false]}}""", """{"a":false}""", true)]
    [InlineData("""{"a":{"gt":"b"}}""", """{"a":"c"}""", true)]
    [InlineData("""{"a":{"gt":"b"}}""", """{"a":3}""", false)]
    [InlineData("""{"a":{"lte":2.5}}""", """{"a":2.5}""", true)]
    [InlineData("""{"a":{"lt":9007199254740993}}""", """{"a":9007199254740992}""", true)]
    [InlineData("""{"a":{"exists":true}}""", """{"a":null}""", true)]
    [InlineData("""{"a":{"exists":false}}""", """{"a":null}""", false)]
    [InlineData("""{"a.b":"x"}""", """{"a":{"b":"x"}}""", true)]
    [InlineData("""{"a.b":"x"}""", """{"a":["x"]}""", false)]
    [InlineData("""{"a":{"contains":"x"}}""", """{"a":["y","x"]}""", true)]
    [InlineData("""{"a":{"contains":1}}""", """{"a":["1",[1]]}""", false)]
    [InlineData("""{"a":{"contains":"ell"}}""", """{"a":"hello"}""", true)]
    [InlineData("""{"a":{"contains":"ELL"}}""", """{"a":"hello"}""", false)]
    [InlineData("""{"a":{"contains":null}}""", """{"a":[null]}""", true)]
    [InlineData("""{"or":[{"a":1},{"b":2}]}""", """{"b":2}""", true)]
    [InlineData("""{"and":[{"a":1},{"b":2}]}""", """{"b":2}""", false)]
    [InlineData("""{"not":{"a":{"gt":1}}}""", """{"a":"x"}""", true)]
    public void Filter_matches_as_defined(string filter, string? metadata, bool expected)
    {
        var parsed = new FilterParser(new LimitOptions()).Parse(JsonDocument.Parse(filter).RootElement);
        Assert.Equal(expected, FilterEvaluator.Matches(parsed, metadata is null ? null : JsonDocument.Parse(metadata).RootElement));
    }
}
