using AlbertSearch.Collections;
using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Ingestion;
using AlbertSearch.Search;
using Microsoft.Extensions.Logging;

namespace AlbertSearch;

/// <summary>
/// The engine in one object: model, storage, ingestion and search. The host of a server gets the same one from
/// <c>AddAlbertSearch()</c>. Safe for use from many threads.
/// </summary>
public sealed class AlbertSearchEngine : IAsyncDisposable
{
    private AlbertSearchEngine()
    {
    }

    /// <summary>The default model: embeddings, tokens, similarity.</summary>
    public EmbeddingModel Model => throw new NotImplementedException();

    /// <summary>The validated options.</summary>
    public AlbertSearchOptions Options => throw new NotImplementedException();

    /// <summary>Loads the model, opens or makes the data folder, and starts the ingestion worker.</summary>
    /// <exception cref="ModelFormatException">The model folder can't be used.</exception>
    /// <exception cref="Errors.AlbertSearchException">The data folder can't be used, or holds vectors of another model.</exception>
    public static Task<AlbertSearchEngine> OpenAsync(AlbertSearchOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    internal static Task<AlbertSearchEngine> OpenAsync(AlbertSearchOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Accepts documents into the durable queue, all or none.</summary>
    /// <returns>The accepted operation.</returns>
    /// <exception cref="Errors.InvalidRequestException">A document is not valid; nothing was accepted.</exception>
    /// <exception cref="Errors.QueueFullException">The queue is at its bound; nothing was accepted.</exception>
    public Task<Operation> SubmitAsync(IReadOnlyList<DocumentInput> documents, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Opens a bulk load: documents are accepted in batches as they come, bad ones are reported, the later of two with one id wins.</summary>
    public Task<BulkLoad> BeginBulkLoadAsync(string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Accepts documents and waits until they are searchable and durable.</summary>
    /// <returns>The ended operation.</returns>
    public Task<Operation> IndexAsync(IReadOnlyList<DocumentInput> documents, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Waits until an operation has ended.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such operation.</exception>
    public Task<Operation> WaitAsync(string operationId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>An operation by id, or null.</summary>
    public Task<Operation?> FindOperationAsync(string operationId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Operations, newest first.</summary>
    /// <exception cref="Errors.InvalidRequestException">The cursor is not one that a listing gave.</exception>
    public Task<OperationPage> ListOperationsAsync(OperationState? state = null, string? cursor = null, int limit = 100, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Searches a collection.</summary>
    /// <exception cref="Errors.InvalidRequestException">The request is out of bounds.</exception>
    /// <exception cref="Errors.NotFoundException">There is no such collection.</exception>
    public Task<SearchResult> SearchAsync(SearchRequest request, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Searches a collection for several requests; their texts are embedded in one batch.</summary>
    public Task<IReadOnlyList<SearchResult>> SearchAsync(IReadOnlyList<SearchRequest> requests, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>A document by id, or null.</summary>
    public Task<Document?> FindDocumentAsync(string id, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Documents in the order of their ids.</summary>
    /// <exception cref="Errors.InvalidRequestException">The cursor is not one that a listing gave.</exception>
    public Task<DocumentPage> ListDocumentsAsync(string? cursor = null, int limit = 100, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Deletes a document, in order with other writes to it, and waits until it is gone.</summary>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DeleteDocumentAsync(string id, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>A collection's counters.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such collection.</exception>
    public Task<CollectionInfo> GetCollectionAsync(string name = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Stops the worker at the next safe place and closes the data folder. What was accepted is applied at the next opening.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
