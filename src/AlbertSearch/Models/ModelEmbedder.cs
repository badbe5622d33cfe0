using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;

namespace AlbertSearch.Models;

/// <summary>Search vectors by a loaded model.</summary>
/// <param name="modelName">The model's name in the configuration.</param>
/// <param name="model">The model; its owner closes it.</param>
public sealed class ModelEmbedder(string modelName, EmbeddingModel model) : ITextEmbedder
{
    /// <inheritdoc />
    public string ModelName => modelName;

    /// <inheritdoc />
    public string ModelIdentity => model.Identity;

    /// <inheritdoc />
    public int Dimension => model.Dimension;

    /// <inheritdoc />
    public PoolingMode Pooling => model.Pooling;

    /// <inheritdoc />
    public IReadOnlyList<EmbeddedQuery> EmbedQueries(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var sequences = texts.Select(text => model.Tokenizer.Encode(text, maxTokens: model.MaxTokens, cancellationToken: cancellationToken)).ToList();
        var vectors = model.Embed(sequences, BatchPriority.Interactive, cancellationToken);
        return [.. sequences.Zip(vectors, (sequence, vector) => new EmbeddedQuery(vector, sequence.TruncatedTokens))];
    }

    /// <inheritdoc />
    public IReadOnlyList<TextChunk> Cut(string text, ChunkingSettings chunking, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(chunking);
        var maxTokens = chunking.MaxTokens == 0 ? model.MaxTokens : Math.Min(chunking.MaxTokens, model.MaxTokens);
        return chunking.Enabled
            ? new Chunker(model.Tokenizer, maxTokens, chunking.OverlapTokens).Cut(text, cancellationToken)
            : [new TextChunk(0, text.Length, model.Tokenizer.Encode(text, maxTokens: maxTokens, cancellationToken: cancellationToken))];
    }

    /// <inheritdoc />
    public IReadOnlyList<float[]> EmbedChunks(IReadOnlyList<TextChunk> chunks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        return model.Embed([.. chunks.Select(chunk => chunk.Tokens)], BatchPriority.Bulk, cancellationToken);
    }
}
