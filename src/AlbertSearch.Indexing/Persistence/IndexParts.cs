using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>What an index consists of, and its file.</summary>
/// <param name="Graph">The links.</param>
/// <param name="Vectors">Codes and floats.</param>
/// <param name="Slots">Which row holds which slot.</param>
/// <param name="Twins">Rows that hang on others.</param>
internal sealed record IndexParts(HnswGraph Graph, QuantizedVectors Vectors, SlotTable Slots, TwinChains Twins);
