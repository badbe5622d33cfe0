using AlbertSearch.Documents;
using AlbertSearch.Filters;

namespace AlbertSearch.Storage;

/// <summary>
/// Collections, their generations, and documents with their chunks and vectors. Safe for use from many threads.
/// Every method throws <see cref="Errors.StorageUnavailableException"/> when the storage can't be used, and has then changed nothing.
/// </summary>
public interface IDocumentStore
{
    /// <summary>All collections, in the order of their names.</summary>
    Task<IReadOnlyList<StoredCollection>> ListCollectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes a collection with one live generation, or returns the one that has the name.</summary>
    Task<StoredCollection> CreateCollectionAsync(string name, GenerationSettings settings, CancellationToken cancellationToken = default);

    /// <summary>Replaces the live generation of a collection without documents, and returns the collection as it is then.</summary>
    /// <exception cref="Errors.ModelMismatchException">The collection has documents.</exception>
    Task<StoredCollection> ReplaceEmptyGenerationAsync(long collection, GenerationSettings settings, CancellationToken cancellationToken = default);

    /// <summary>Gives a generation's model another name, and returns the collection as it is then.</summary>
    Task<StoredCollection> RenameModelAsync(long generation, string modelName, CancellationToken cancellationToken = default);

    /// <summary>Takes a collection away: from now on nothing of it is found, and what is queued for it is canceled.</summary>
    /// <returns>Whether it was there.</returns>
    Task<bool> DeleteCollectionAsync(long collection, CancellationToken cancellationToken = default);

    /// <summary>Frees the space of all collections that were taken away, in small steps beside other work.</summary>
    Task PurgeDeletedAsync(CancellationToken cancellationToken = default);

    /// <summary>What a collection holds.</summary>
    Task<CollectionCounters> CountAsync(long collection, CancellationToken cancellationToken = default);

    /// <summary>The share of the true nearest chunks that searches find, on a sample of a collection's own vectors; 1 for an exact index.</summary>
    Task<double> MeasureRecallAsync(long collection, int samples, int k, int ef, CancellationToken cancellationToken = default);

    /// <summary>A document, or null.</summary>
    Task<Document?> FindAsync(long collection, string id, CancellationToken cancellationToken = default);

    /// <summary>Documents in the order of their ids (by UTF-8 bytes).</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="after">Only ids after this one; null for all.</param>
    /// <param name="limit">Most documents.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<Document>> ListAsync(long collection, string? after, int limit, CancellationToken cancellationToken = default);

    /// <summary>How many documents fulfil a filter.</summary>
    Task<long> CountMatchesAsync(long collection, Filter filter, CancellationToken cancellationToken = default);

    /// <summary>The hashes of stored texts: of those ids that exist, and have chunks in every generation that is building or live.</summary>
    Task<IReadOnlyDictionary<string, ContentHash>> FindContentHashesAsync(long collection, IReadOnlyCollection<string> ids, CancellationToken cancellationToken = default);

    /// <summary>
    /// Applies leased writes: documents, chunks, vectors and queue rows change in one transaction, and then they are searchable.
    /// Searches see each document before or after it, never between. Writes whose lease was lost are left alone.
    /// </summary>
    /// <param name="documents">Each document at most once.</param>
    /// <param name="owner">Who holds the leases.</param>
    /// <param name="cancellationToken">Cancels before the transaction begins.</param>
    Task<ApplyResult> ApplyAsync(IReadOnlyList<PreparedDocument> documents, string owner, CancellationToken cancellationToken = default);
}
