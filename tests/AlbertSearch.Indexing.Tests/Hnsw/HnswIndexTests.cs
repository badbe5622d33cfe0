using AlbertSearch.Indexing.Hnsw;

namespace AlbertSearch.Indexing.Tests.Hnsw;

public class HnswIndexTests : VectorIndexContract
{
    protected override IVectorIndex Create(int dimension) => new HnswIndex(dimension);
}
