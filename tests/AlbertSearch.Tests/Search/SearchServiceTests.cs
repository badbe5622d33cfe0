using AlbertSearch.Errors;
using AlbertSearch.Search;

namespace AlbertSearch.Tests.Search;

public sealed class SearchServiceTests
{
    public static TheoryData<string, SearchRequest> BadRequests => new()
    {
        { "query", new SearchRequest() },
        { "query", new SearchRequest { Query = "x", Vector = new float[48] } },
        { "query", new SearchRequest { Query = " " } },
        { "k", new SearchRequest { Query = "x", K = 0 } },
        { "k", new SearchRequest { Query = "x", K = 1_001 } },
        { "offset", new SearchRequest { Query = "x", Offset = -1 } },
        { "offset", new SearchRequest { Query = "x", Offset = 9_995 } },
        { "ef", new SearchRequest { Query = "x", Ef = 0 } },
        { "ef", new SearchRequest { Query = "x", Ef = 10_001 } },
        { "minScore", new SearchRequest { Query = "x", MinScore = float.NaN } },
        { "vector", new SearchRequest { Vector = new float[47] } },
        { "vector", new SearchRequest { Vector = new float[48] } },
        { "vector[5]", new SearchRequest { Vector = Enumerable.Range(0, 48).Select(i => i == 5 ? float.PositiveInfinity : 1).ToArray() } },
    };

    [Fact]
    public async Task Bad_request_is_refused_with_its_field()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        foreach (var row in BadRequests)
        {
            var error = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.SearchAsync((SearchRequest)row[1]));
            Assert.Equal(row[0], error.Field);
        }

        var second = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.SearchAsync([new SearchRequest { Query = "x" }, new SearchRequest { Query = string.Empty }]));
        Assert.Equal("query[1]", second.Field);
        var many = Enumerable.Repeat(new SearchRequest { Query = "x" }, 1_025).ToList();
        Assert.Equal(ErrorCodes.TooMany, (await Assert.ThrowsAsync<InvalidRequestException>(() => engine.SearchAsync(many))).Code);
    }

    [Fact]
    public async Task Vector_of_any_length_is_normalized()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat"), TestEngine.Document("b", "how are you")]);
        var vector = engine.Model.Embed("red cat");
        foreach (var scale in (float[])[1, 1e30f, 1e-30f])
        {
            var hits = (await engine.SearchAsync(new SearchRequest { Vector = vector.Select(value => value * scale).ToArray() })).Hits;
            Assert.Equal("a", hits[0].Id);
            Assert.Equal(1, hits[0].Score, 1e-5);
        }
    }

    [Fact]
    public async Task Several_queries_are_answered_as_each_alone()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        string[] texts = ["red cat", "how are you", "the river in the city", "one two"];
        await engine.IndexAsync([.. texts.Select(text => TestEngine.Document(text, text))]);
        var together = await engine.SearchAsync([.. texts.Select(text => new SearchRequest { Query = text })]);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(texts[i], together[i].Hits[0].Id);
            var alone = await engine.SearchAsync(new SearchRequest { Query = texts[i] });
            Assert.Equal(alone.Hits.Select(hit => hit.Id), together[i].Hits.Select(hit => hit.Id));
        }
    }

    [Fact]
    public async Task Query_that_is_too_long_says_how_much_was_cut()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var request = new SearchRequest { Query = string.Join(' ', Enumerable.Repeat("cat", 100)) };
        Assert.Equal(38, (await engine.SearchAsync(request)).TruncatedTokens);
        Assert.Equal(38, (await engine.SearchAsync(request)).TruncatedTokens);
    }

    [Fact]
    public async Task Empty_collection_has_no_hits()
    {
        await using var test = new TestEngine();
        Assert.Empty((await (await test.OpenAsync()).SearchAsync(new SearchRequest { Query = "x" })).Hits);
    }
}
