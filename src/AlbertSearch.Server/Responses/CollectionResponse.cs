using AlbertSearch.Collections;

namespace AlbertSearch.Server.Responses;

/// <summary>A collection's counters.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Documents">Documents stored.</param>
/// <param name="Chunks">Chunks that can be searched.</param>
/// <param name="Model">The model of its vectors.</param>
/// <param name="Index">Its index.</param>
internal sealed record CollectionResponse(string Name, long Documents, long Chunks, CollectionResponse.ModelPart Model, CollectionResponse.IndexPart Index)
{
    /// <summary>Describes a collection.</summary>
    public static CollectionResponse Of(CollectionInfo collection) => new(
        collection.Name,
        collection.Documents,
        collection.Chunks,
        new ModelPart(collection.ModelName, collection.ModelIdentity),
        new IndexPart(collection.IndexKind, collection.IndexCount, collection.Tombstones));

    /// <summary>A model.</summary>
    /// <param name="Name">The name that it goes by.</param>
    /// <param name="Identity">SHA-256 over everything that changes a vector.</param>
    internal sealed record ModelPart(string Name, string Identity);

    /// <summary>A vector index.</summary>
    /// <param name="Kind"><c>flat</c> or <c>hnsw</c>.</param>
    /// <param name="Count">Vectors in it.</param>
    /// <param name="Tombstones">Deleted vectors that it still holds.</param>
    internal sealed record IndexPart(string Kind, long Count, long Tombstones);
}
