using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Errors;
using AlbertSearch.Search;

namespace AlbertSearch.Tests.Collections;

public sealed class CollectionCatalogTests
{
    public static TheoryData<Action<AlbertSearchOptions>, Action<AlbertSearchOptions>> OtherModels => new()
    {
        { options => options.Pooling = PoolingMode.Mean, options => options.Pooling = null },
        { options => options.Precision = Precision.Int8, options => options.Precision = Precision.Fp32 },
    };

    [Theory]
    [MemberData(nameof(OtherModels))]
    public async Task Other_model_is_refused_and_the_first_one_works_again(Action<AlbertSearchOptions> change, Action<AlbertSearchOptions> changeBack)
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        var identity = (await engine.GetCollectionAsync()).ModelIdentity;
        await test.CloseAsync();
        change(test.Options);
        var error = await Assert.ThrowsAsync<ModelMismatchException>(test.OpenAsync);

        Assert.Contains("'small'", error.Message, StringComparison.Ordinal);
        Assert.Contains(identity, error.Message, StringComparison.Ordinal);
        Assert.Contains("re-index", error.Message, StringComparison.Ordinal);
        changeBack(test.Options);
        Assert.Single((await (await test.OpenAsync()).SearchAsync(new SearchRequest { Query = "red cat" })).Hits);
    }

    [Fact]
    public async Task Other_model_on_an_empty_collection_takes_its_place()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        var before = (await engine.GetCollectionAsync()).ModelIdentity;
        await test.CloseAsync();
        test.Options.Pooling = PoolingMode.Mean;
        engine = await test.OpenAsync();

        Assert.NotEqual(before, (await engine.GetCollectionAsync()).ModelIdentity);
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        Assert.Equal(1, (await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits[0].Score, 1e-5);
    }

    [Fact]
    public async Task Other_chunking_holds_for_an_empty_collection_and_not_for_a_filled_one()
    {
        const string text = "red cat blue dog red bird blue cat red dog blue bird red cat blue dog red bird blue cat";
        await using var test = new TestEngine();
        await test.OpenAsync();
        await test.CloseAsync();
        test.Options.Chunking.MaxTokens = 8;
        test.Options.Chunking.OverlapTokens = 0;
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", text)]);
        var chunks = (await engine.GetCollectionAsync()).Chunks;
        await test.CloseAsync();
        test.Options.Chunking.MaxTokens = 0;
        engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("b", text)]);

        Assert.InRange(chunks, 2, int.MaxValue);
        Assert.Equal(2 * chunks, (await engine.GetCollectionAsync()).Chunks);
    }

    [Fact]
    public async Task Same_model_under_another_name_is_the_same_model()
    {
        await using var test = new TestEngine();
        var engine = await test.OpenAsync();
        await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
        await test.CloseAsync();
        test.Options.Models["named"] = test.Options.Model;
        test.Options.Model = "named";
        engine = await test.OpenAsync();

        Assert.Equal("named", (await engine.GetCollectionAsync()).ModelName);
        Assert.Single((await engine.SearchAsync(new SearchRequest { Query = "red cat" })).Hits);
    }

    [Fact]
    public async Task Missing_model_folder_is_named()
    {
        await using var test = new TestEngine(options => options.Model = "no/such/folder");
        var error = await Assert.ThrowsAsync<Embeddings.ModelFormatException>(test.OpenAsync);
        Assert.Contains("no/such/folder", error.Message, StringComparison.Ordinal);
    }
}
