using AlbertSearch.Models;
using AlbertSearch.Search;

namespace AlbertSearch.Tests.Search;

public sealed class QueryVectorCacheTests
{
    private static readonly EmbeddedQuery Query = new([1], 0);

    [Fact]
    public void Vector_is_found_by_model_and_text()
    {
        var cache = new QueryVectorCache(10);
        cache.Add("model", "text", Query);
        Assert.Same(Query, cache.Find("model", "text"));
        Assert.Null(cache.Find("other", "text"));
        Assert.Null(cache.Find("model", "texts"));
        Assert.Null(cache.Find("modelt", "ext"));
    }

    [Fact]
    public void Least_recently_used_vector_gives_way()
    {
        var cache = new QueryVectorCache(2);
        cache.Add("m", "a", Query);
        cache.Add("m", "b", Query);
        cache.Find("m", "a");
        cache.Add("m", "c", Query);
        Assert.NotNull(cache.Find("m", "a"));
        Assert.Null(cache.Find("m", "b"));
        Assert.NotNull(cache.Find("m", "c"));
    }

    [Fact]
    public void Cache_of_nothing_keeps_nothing()
    {
        var cache = new QueryVectorCache(0);
        cache.Add("m", "a", Query);
        Assert.Null(cache.Find("m", "a"));
    }
}
