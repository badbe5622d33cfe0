using AlbertSearch.Embeddings.Pooling;
using AlbertSearch.Ingestion;
using AlbertSearch.Storage;

namespace AlbertSearch.Models;

/// <summary>Turns texts into search vectors by one model. Calls block while they compute. Safe for use from many threads.</summary>
public interface ITextEmbedder
{
    /// <summary>The model's name in the configuration.</summary>
    string ModelName { get; }

    /// <summary>SHA-256, in lower-case hexadecimal, over everything that changes a vector.</summary>
    string ModelIdentity { get; }

    /// <summary>Floats in a vector.</summary>
    int Dimension { get; }

    /// <summary>How token states become a vector.</summary>
    PoolingMode Pooling { get; }

    /// <summary>Vectors of query texts, computed in one batch ahead of bulk work.</summary>
    IReadOnlyList<EmbeddedQuery> EmbedQueries(IReadOnlyList<string> texts, CancellationToken cancellationToken = default);

    /// <summary>Cuts a document's text into what becomes one vector each.</summary>
    IReadOnlyList<TextChunk> Cut(string text, ChunkingSettings chunking, CancellationToken cancellationToken = default);

    /// <summary>Vectors of chunks, in their order, computed behind queries.</summary>
    IReadOnlyList<float[]> EmbedChunks(IReadOnlyList<TextChunk> chunks, CancellationToken cancellationToken = default);
}
