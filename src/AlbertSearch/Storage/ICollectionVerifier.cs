using AlbertSearch.Collections;

namespace AlbertSearch.Storage;

/// <summary>Compares what belongs together in the storage. Safe for use from many threads.</summary>
public interface ICollectionVerifier
{
    /// <summary>Compares a collection's documents, chunks, vectors, index and queue, page by page beside all other work.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="repair">
    /// An operation to repair under: what is off is put right at once, and damaged documents are embedded again by the operation.
    /// Null to look only.
    /// </param>
    /// <param name="cancellationToken">Ends it between pages; what was repaired stays.</param>
    /// <exception cref="Errors.StorageUnavailableException">The storage can't be used.</exception>
    Task<VerificationReport> VerifyAsync(long collection, NewOperation? repair, CancellationToken cancellationToken = default);
}
