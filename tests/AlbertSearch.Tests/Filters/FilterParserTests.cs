using System.Text.Json;
using AlbertSearch.Errors;
using AlbertSearch.Filters;

namespace AlbertSearch.Tests.Filters;

public sealed class FilterParserTests
{
    private readonly FilterParser _parser = new(new LimitOptions { FilterDepth = 4, FilterConditions = 8, FilterValues = 5 });

    [Theory]
    [InlineData("""{"lang":"en"}""", """{"field":"lang","eq":"en"}""")]
    [InlineData("""{"lang":"en","year":{"gte":2020}}""", """{"and":[{"field":"lang","eq":"en"},{"field":"year","gte":2020}]}""")]
    [InlineData("""{"year":{"gte":2020,"lt":2030}}""", """{"and":[{"field":"year","gte":2020},{"field":"year","lt":2030}]}""")]
    [InlineData("""{"field":"year","gte":2020,"lt":2030}""", """{"year":{"gte":2020,"lt":2030}}""")]
    [InlineData("""{"field":"lang","ne":"en"}""", """{"not":{"field":"lang","eq":"en"}}""")]
    [InlineData("""{"field":"lang","nin":["en",1]}""", """{"not":{"lang":{"in":["en",1]}}}""")]
    [InlineData("""{"field":"lang","exists":false}""", """{"not":{"field":"lang","exists":true}}""")]
    [InlineData("""{"field":"x"}""", """{"field":"field","eq":"x"}""")]
    [InlineData("""{"and":"x"}""", """{"field":"and","eq":"x"}""")]
    [InlineData("""{"or":[{"a":1}],"not":{"b":null}}""", """{"and":[{"or":[{"a":1}]},{"not":{"b":null}}]}""")]
    public void Forms_that_mean_the_same_are_the_same(string left, string right)
    {
        Assert.Equal(FilterJson.Write(Parse(left)), FilterJson.Write(Parse(right)));
        Assert.Equal(FilterJson.Write(Parse(left)), FilterJson.Write(Parse(FilterJson.Write(Parse(left)))));
    }

    [Theory]
    [InlineData("[]", "filter", ErrorCodes.InvalidValue)]
    [InlineData("{}", "filter", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{}}""", "filter.a", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":[1]}""", "filter.a", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"like":"x"}}""", "filter.a.like", ErrorCodes.UnknownProperty)]
    [InlineData("""{"field":"a","eq":1,"like":2}""", "filter.like", ErrorCodes.UnknownProperty)]
    [InlineData("""{"field":3,"eq":1}""", "filter.field", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"gt":true}}""", "filter.a.gt", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"gt":1e999}}""", "filter.a.gt", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"eq":"\ud800"}}""", "filter.a.eq", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"in":[]}}""", "filter.a.in", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"in":[1,[2]]}}""", "filter.a.in[1]", ErrorCodes.InvalidValue)]
    [InlineData("""{"a":{"in":[1,2,3,4,5,6]}}""", "filter.a.in", ErrorCodes.TooMany)]
    [InlineData("""{"a":{"exists":1}}""", "filter.a.exists", ErrorCodes.InvalidValue)]
    [InlineData("""{"a..b":1}""", "filter.a..b", ErrorCodes.InvalidValue)]
    [InlineData("""{"a\\b":1}""", "filter.a\\b", ErrorCodes.InvalidValue)]
    [InlineData("""{"and":[]}""", "filter.and", ErrorCodes.InvalidValue)]
    [InlineData("""{"and":[{"a":1},3]}""", "filter.and[1]", ErrorCodes.InvalidValue)]
    [InlineData("""{"not":{"not":{"not":{"not":{"a":1}}}}}""", "filter.not.not.not.not", ErrorCodes.TooLong)]
    [InlineData("""{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}""", "filter.i", ErrorCodes.TooMany)]
    public void Bad_filter_is_refused_with_its_place(string json, string field, string code)
    {
        var error = Assert.Throws<InvalidRequestException>(() => Parse(json));
        Assert.Equal((field, code), (error.Field, error.Code));
    }

    [Fact]
    public void Path_with_dots_leads_inside_and_escaped_dots_belong_to_names()
    {
        Assert.Equal(["a", "b.c", "d\\"], FieldPath.TryParse("a.b\\.c.d\\\\")!.Names);
        Assert.Equal("a.b\\.c.d\\\\", FieldPath.TryParse("a.b\\.c.d\\\\")!.ToString());
        Assert.Null(FieldPath.TryParse(string.Empty));
    }

    private Filter Parse(string json) => _parser.Parse(JsonDocument.Parse(json).RootElement);
}
