using AlbertSearch.Embeddings;

namespace AlbertSearch.Models;

/// <summary>A model in memory.</summary>
/// <param name="Model">All that it can do.</param>
/// <param name="Embedder">Its search vectors.</param>
internal sealed record LoadedModel(EmbeddingModel Model, ITextEmbedder Embedder);
