using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Storage;

/// <summary>What a collection holds.</summary>
/// <param name="Documents">Documents stored.</param>
/// <param name="TextBytes">Bytes of their texts in UTF-8.</param>
/// <param name="Chunks">Chunks of the live generation.</param>
/// <param name="IndexCount">Vectors that a search can find.</param>
/// <param name="Graph">What the graph holds; null while there is none.</param>
public sealed record CollectionCounters(long Documents, long TextBytes, long Chunks, long IndexCount, HnswStatistics? Graph);
