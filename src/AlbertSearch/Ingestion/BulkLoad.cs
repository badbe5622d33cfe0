using AlbertSearch.Documents;

namespace AlbertSearch.Ingestion;

/// <summary>A bulk load that is coming in. Not thread-safe. Disposing it without completing keeps the batches that were committed.</summary>
public sealed class BulkLoad : IAsyncDisposable
{
    internal BulkLoad()
    {
    }

    /// <summary>The operation that the documents belong to.</summary>
    public string OperationId => throw new NotImplementedException();

    /// <summary>Takes a document; a full batch is committed to the durable queue. A document that isn't valid is reported and left out.</summary>
    /// <param name="document">The document.</param>
    /// <param name="line">Its line, from 1.</param>
    /// <param name="cancellationToken">Cancels the wait for the queue.</param>
    /// <exception cref="Errors.QueueFullException">The queue stayed at its bound.</exception>
    public ValueTask AddAsync(DocumentInput document, long line, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Reports a line that could not be read.</summary>
    public ValueTask RejectAsync(FailedDocument failure, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Commits what is left and seals the operation.</summary>
    /// <returns>The accepted operation.</returns>
    public Task<Operation> CompleteAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
