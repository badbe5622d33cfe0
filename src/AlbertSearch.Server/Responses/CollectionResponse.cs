using AlbertSearch.Collections;

namespace AlbertSearch.Server.Responses;

/// <summary>A collection's settings, counters and sizes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Documents">Documents stored.</param>
/// <param name="Chunks">Chunks that can be searched.</param>
/// <param name="TextBytes">Bytes of the texts in UTF-8.</param>
/// <param name="VectorBytes">Bytes of the vectors.</param>
/// <param name="Model">The model of its vectors.</param>
/// <param name="Chunking">How its texts are cut.</param>
/// <param name="Index">Its index.</param>
internal sealed record CollectionResponse(
    string Name,
    long Documents,
    long Chunks,
    long TextBytes,
    long VectorBytes,
    CollectionResponse.ModelPart Model,
    CollectionResponse.ChunkingPart? Chunking,
    CollectionResponse.IndexPart Index)
{
    /// <summary>Describes a collection.</summary>
    public static CollectionResponse Of(CollectionInfo collection) => new(
        collection.Name,
        collection.Documents,
        collection.Chunks,
        collection.TextBytes,
        collection.VectorBytes,
        new ModelPart(collection.ModelName, collection.ModelIdentity, collection.Dimension, OperationResponse.NameOf(collection.Pooling)),
        collection.Chunking is { } chunking ? new ChunkingPart(chunking.Enabled, chunking.MaxTokens, chunking.OverlapTokens) : null,
        new IndexPart(
            collection.Index.Kind,
            collection.IndexCount,
            collection.Tombstones,
            collection.IndexLevels ?? [],
            collection.IndexMemoryBytes,
            collection.IndexMappedBytes,
            collection.IndexBuilding,
            collection.Index.M,
            collection.Index.EfConstruction,
            collection.Index.Ef,
            collection.Index.ExactBelow));

    /// <summary>A model.</summary>
    /// <param name="Name">The name that it goes by.</param>
    /// <param name="Identity">SHA-256 over everything that changes a vector.</param>
    /// <param name="Dimension">Floats in a vector.</param>
    /// <param name="Pooling"><c>pooler</c>, <c>mean</c> or <c>cls</c>.</param>
    internal sealed record ModelPart(string Name, string Identity, int Dimension, string Pooling);

    /// <summary>How texts are cut.</summary>
    /// <param name="Enabled">Whether they are.</param>
    /// <param name="MaxTokens">Most tokens of a chunk.</param>
    /// <param name="OverlapTokens">Tokens that a chunk shares with the one before.</param>
    internal sealed record ChunkingPart(bool Enabled, int MaxTokens, int OverlapTokens);

    /// <summary>A vector index.</summary>
    /// <param name="Kind"><c>flat</c> or <c>hnsw</c>.</param>
    /// <param name="Count">Vectors in it.</param>
    /// <param name="Tombstones">Deleted vectors that it still holds.</param>
    /// <param name="Levels">Vectors by the highest layer of the graph that they are on, layer 0 first; empty while there is no graph.</param>
    /// <param name="MemoryBytes">Bytes of memory that the graph holds.</param>
    /// <param name="MappedBytes">Bytes of vectors that are mapped from files, resident or not.</param>
    /// <param name="Building">Whether the graph is still being built, and searches are answered exactly.</param>
    /// <param name="M">Links that a new element of the graph gets a layer.</param>
    /// <param name="EfConstruction">Width of the search for a new element's neighbours.</param>
    /// <param name="Ef">Width of a search that names none.</param>
    /// <param name="ExactBelow">With fewer vectors searches are exact.</param>
    internal sealed record IndexPart(
        string Kind, long Count, long Tombstones, IReadOnlyList<int> Levels, long MemoryBytes, long MappedBytes, bool Building, int M, int EfConstruction, int Ef, int ExactBelow);
}
