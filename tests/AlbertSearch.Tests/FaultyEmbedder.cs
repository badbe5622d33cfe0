using System.Collections.Concurrent;
using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;
using AlbertSearch.Models;
using AlbertSearch.Storage;

namespace AlbertSearch.Tests;

/// <summary>A real embedder that throws at chosen texts, can be held up, and counts what it embeds.</summary>
internal sealed class FaultyEmbedder(ITextEmbedder inner) : ITextEmbedder
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _embedded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _held;
    private Func<IReadOnlyList<TextChunk>, bool> _isHeld = _ => true;
    private bool _isDeaf;
    private int _chunks;

    public Func<string, bool> IsPoison { get; set; } = _ => false;

    public int Chunks => _chunks;

    /// <summary>Texts of each call for queries.</summary>
    public ConcurrentQueue<int> QueryBatches { get; } = new();

    public string ModelName => inner.ModelName;

    public string ModelIdentity => inner.ModelIdentity;

    public int Dimension => inner.Dimension;

    public PoolingMode Pooling => inner.Pooling;

    /// <summary>Ends when the first chunks are held up.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Ends when the first chunks are embedded.</summary>
    public Task Embedded => _embedded.Task;

    public void Hold() => _held = new TaskCompletionSource();

    /// <summary>Holds up batches that then can't be canceled.</summary>
    public void HoldDeaf()
    {
        _isDeaf = true;
        Hold();
    }

    /// <summary>Holds up batches with chunks that are not at the beginning of their texts.</summary>
    public void HoldLong()
    {
        _isHeld = chunks => chunks.Any(chunk => chunk.Start > 0);
        Hold();
    }

    public void LetGo() => _held?.TrySetResult();

    public IReadOnlyList<EmbeddedQuery> EmbedQueries(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        QueryBatches.Enqueue(texts.Count);
        return inner.EmbedQueries(texts, cancellationToken);
    }

    public IReadOnlyList<TextChunk> Cut(string text, ChunkingSettings chunking, CancellationToken cancellationToken = default)
    {
        var chunks = inner.Cut(text, chunking, cancellationToken);
        return IsPoison(text) ? [.. chunks.Select(chunk => chunk with { Start = -1 })] : chunks;
    }

    public IReadOnlyList<float[]> EmbedChunks(IReadOnlyList<TextChunk> chunks, CancellationToken cancellationToken = default)
    {
        if (_held is { } held && _isHeld(chunks))
        {
            _reached.TrySetResult();
            held.Task.Wait(_isDeaf ? CancellationToken.None : cancellationToken);
        }

        if (chunks.Any(chunk => chunk.Start < 0))
        {
            throw new InvalidOperationException("poison");
        }

        Interlocked.Add(ref _chunks, chunks.Count);
        var vectors = inner.EmbedChunks(chunks, cancellationToken);
        _embedded.TrySetResult();
        return vectors;
    }
}
