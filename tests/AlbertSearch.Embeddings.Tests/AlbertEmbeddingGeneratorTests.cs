using Microsoft.Extensions.AI;

namespace AlbertSearch.Embeddings.Tests;

public sealed class AlbertEmbeddingGeneratorTests : IDisposable
{
    private readonly TinyModelFolder _folder = new();
    private readonly EmbeddingModel _model;

    public AlbertEmbeddingGeneratorTests() => _model = EmbeddingModel.Load(_folder.Folder, new EmbeddingModelOptions { Name = "tiny" });

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task GenerateAsync_texts_gives_the_models_vectors_in_order()
    {
        using var generator = new AlbertEmbeddingGenerator(_model);

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(["w5 w6", "w7", string.Join(' ', Enumerable.Repeat("w8", 100))]);

        Assert.Equal(_model.Embed("w7"), embeddings[1].Vector.ToArray(), (x, y) => Math.Abs(x - y) <= 1e-5f);
        Assert.Equal(3, embeddings.Count);
        Assert.Equal(4 + 3 + 32, embeddings.Usage!.InputTokenCount);
        Assert.Equal("tiny", embeddings[0].ModelId);
        Assert.Null(embeddings[0].AdditionalProperties);
        Assert.Equal(70, embeddings[2].AdditionalProperties![AlbertEmbeddingGenerator.TruncatedTokensKey]);
    }

    [Fact]
    public async Task GenerateAsync_no_texts_gives_no_vectors()
    {
        using var generator = new AlbertEmbeddingGenerator(_model);

        Assert.Empty(await generator.GenerateAsync([]));
    }

    [Fact]
    public async Task GenerateAsync_other_model_or_dimension_is_refused()
    {
        using var generator = new AlbertEmbeddingGenerator(_model);

        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 47 }));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "other" }));
        await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync([null!]));
        Assert.Single(await generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 48, ModelId = "tiny" }));
    }

    [Fact]
    public async Task GenerateAsync_cancelled_does_not_compute()
    {
        using var generator = new AlbertEmbeddingGenerator(_model);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(["a"], cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void GetService_gives_metadata_model_and_itself()
    {
        using var generator = new AlbertEmbeddingGenerator(_model);

        var metadata = Assert.IsType<EmbeddingGeneratorMetadata>(generator.GetService(typeof(EmbeddingGeneratorMetadata)));
        Assert.Equal(("albertsearch", "tiny", 48), (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(_model, generator.GetService(typeof(EmbeddingModel)));
        Assert.Same(generator, generator.GetService(typeof(IEmbeddingGenerator<string, Embedding<float>>)));
        Assert.Null(generator.GetService(typeof(string)));
        Assert.Null(generator.GetService(typeof(EmbeddingModel), "key"));
    }

    [Fact]
    public void Dispose_leaves_the_model_usable()
    {
        new AlbertEmbeddingGenerator(_model).Dispose();

        Assert.Equal(_model.Dimension, _model.Embed("w5").Length);
    }
}
