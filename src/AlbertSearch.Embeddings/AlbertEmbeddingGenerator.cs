using System.Globalization;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Tokenization;
using Microsoft.Extensions.AI;

namespace AlbertSearch.Embeddings;

/// <summary>
/// A model's search vectors behind <c>Microsoft.Extensions.AI</c>'s interface, for programs that are written against it.
/// Safe for use from many threads. Doesn't own the model: disposing it leaves the model as it is.
/// </summary>
public sealed class AlbertEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Key in an embedding's additional properties: how many tokens were cut. Absent when none were.</summary>
    public const string TruncatedTokensKey = "truncatedTokens";

    private readonly EmbeddingModel _model;
    private readonly BatchPriority _priority;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Wraps a model.</summary>
    /// <param name="model">The model; must stay undisposed while this is used.</param>
    /// <param name="priority">Who waits for the vectors.</param>
    public AlbertEmbeddingGenerator(EmbeddingModel model, BatchPriority priority = BatchPriority.Interactive)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _priority = priority;
        _metadata = new EmbeddingGeneratorMetadata("albertsearch", providerUri: null, model.Name, model.Dimension);
    }

    /// <summary>Search vectors of texts, each cut to <see cref="EmbeddingModel.MaxTokens"/>; computed on the thread pool.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Model and dimension, when given, must be this model's own.</param>
    /// <param name="cancellationToken">Cancels between layers.</param>
    /// <exception cref="ArgumentException">Another model or dimension is asked for, or a text is null.</exception>
    /// <exception cref="NotSupportedException"><see cref="EmbeddingModel.CanEmbed"/> is false.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is { } dimensions && dimensions != _model.Dimension)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Dimensions is {dimensions}; model '{_model.Name}' gives {_model.Dimension}."), nameof(options));
        }

        if (options?.ModelId is { } modelId && modelId != _model.Name)
        {
            throw new ArgumentException($"ModelId is '{modelId}'; this generator's model is '{_model.Name}'.", nameof(options));
        }

        string[] texts = [.. values];
        if (Array.IndexOf(texts, null) is var missing and >= 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Text {missing} is null."), nameof(values));
        }

        return Task.Run(() => Generate(texts, cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
        {
            return null;
        }

        return serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(EmbeddingModel) ? _model
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the model belongs to whoever loaded it.</summary>
    public void Dispose()
    {
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancellationToken)
    {
        TokenSequence[] sequences = [.. texts.Select(text => _model.Tokenizer.Encode(text, maxTokens: _model.MaxTokens, cancellationToken: cancellationToken))];
        IReadOnlyList<float[]> vectors = _model.Embed(sequences, _priority, cancellationToken);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(vectors.Count);
        for (int i = 0; i < vectors.Count; i++)
        {
            var embedding = new Embedding<float>(vectors[i]) { ModelId = _model.Name };
            if (sequences[i].TruncatedTokens > 0)
            {
                embedding.AdditionalProperties = new AdditionalPropertiesDictionary { [TruncatedTokensKey] = sequences[i].TruncatedTokens };
            }

            embeddings.Add(embedding);
        }

        long tokens = sequences.Sum(sequence => (long)sequence.Count);
        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return embeddings;
    }
}
