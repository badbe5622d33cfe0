using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;
using AlbertSearch.Models;
using AlbertSearch.Storage;

namespace AlbertSearch.Tests;

/// <summary>A real embedder that throws at chosen texts, can be held up, and counts what it embeds.</summary>
internal sealed class FaultyEmbedder(ITextEmbedder inner) : ITextEmbedder
{
    private volatile TaskCompletionSource? _held;
    private readonly TaskCompletionSource _holding = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _chunks;

    public Func<string, bool> IsPoison { get; set; } = _ => false;

    public int Chunks => _chunks;

    public string ModelName => inner.ModelName;

    public string ModelIdentity => inner.ModelIdentity;

    public int Dimension => inner.Dimension;

    public PoolingMode Pooling => inner.Pooling;

    /// <summary>Ends when a batch is held up.</summary>
    public Task Holding => _holding.Task;

    public void Hold() => _held = new TaskCompletionSource();

    public void LetGo() => _held?.TrySetResult();

    public IReadOnlyList<EmbeddedQuery> EmbedQueries(IReadOnlyList<string> texts, CancellationToken cancellationToken = default) => inner.EmbedQueries(texts, cancellationToken);

    public IReadOnlyList<TextChunk> Cut(string text, ChunkingSettings chunking, CancellationToken cancellationToken = default)
    {
        var chunks = inner.Cut(text, chunking, cancellationToken);
        return IsPoison(text) ? [.. chunks.Select(chunk => chunk with { Start = -1 })] : chunks;
    }

    public IReadOnlyList<float[]> EmbedChunks(IReadOnlyList<TextChunk> chunks, CancellationToken cancellationToken = default)
    {
        if (_held is { } held)
        {
            _holding.TrySetResult();
            held.Task.Wait(cancellationToken);
        }

        if (chunks.Any(chunk => chunk.Start < 0))
        {
            throw new InvalidOperationException("poison");
        }

        Interlocked.Add(ref _chunks, chunks.Count);
        return inner.EmbedChunks(chunks, cancellationToken);
    }
}
