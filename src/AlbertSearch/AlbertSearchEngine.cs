using AlbertSearch.Collections;
using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Models;
using AlbertSearch.Search;
using AlbertSearch.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AlbertSearch;

/// <summary>
/// The engine in one object: model, storage, ingestion and search. The host of a server gets the same one from
/// <c>AddAlbertSearch()</c>. Safe for use from many threads.
/// </summary>
public sealed class AlbertSearchEngine : IAsyncDisposable
{
    private readonly EngineParts _parts;

    private AlbertSearchEngine(EngineParts parts)
    {
        _parts = parts;
    }

    /// <summary>The default model: embeddings, tokens, similarity.</summary>
    public EmbeddingModel Model => _parts.Models.Get(_parts.Models.DefaultName).Model;

    /// <summary>The validated options.</summary>
    public AlbertSearchOptions Options => _parts.Options;

    /// <summary>Loads the model, opens or makes the data folder, and starts the ingestion worker.</summary>
    /// <exception cref="ModelFormatException">The model folder can't be used.</exception>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    /// <exception cref="AlbertSearchException">The data folder can't be used, or holds vectors of another model.</exception>
    public static Task<AlbertSearchEngine> OpenAsync(AlbertSearchOptions options, CancellationToken cancellationToken = default) =>
        OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);

    internal static Task<AlbertSearchEngine> OpenAsync(AlbertSearchOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        OpenAsync(options, time, loggers, static (name, model) => new ModelEmbedder(name, model), cancellationToken);

    internal static async Task<AlbertSearchEngine> OpenAsync(
        AlbertSearchOptions options, TimeProvider time, ILoggerFactory loggers, Func<string, EmbeddingModel, ITextEmbedder> createEmbedder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var checkedOptions = new AlbertSearchOptionsValidator().Validate(null, options);
        if (checkedOptions.Failed)
        {
            throw new OptionsValidationException(AlbertSearchOptions.SectionName, typeof(AlbertSearchOptions), checkedOptions.Failures);
        }

        return new AlbertSearchEngine(await EngineParts.OpenAsync(options, time, loggers, createEmbedder, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Accepts documents into the durable queue, all or none.</summary>
    /// <returns>The accepted operation.</returns>
    /// <exception cref="InvalidRequestException">A document is not valid; nothing was accepted.</exception>
    /// <exception cref="QueueFullException">The queue is at its bound; nothing was accepted.</exception>
    public Task<Operation> SubmitAsync(IReadOnlyList<DocumentInput> documents, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        var operation = NewOperation(collection, OperationKind.Index);
        var writes = _parts.Validator.Validate(documents).Select((document, index) => new NewWrite
        {
            Kind = WriteKind.Upsert,
            DocumentId = document.Id,
            Place = index,
            Text = document.Text,
            Metadata = document.Metadata,
        });
        return _parts.Queue.EnqueueAsync(operation, [.. writes], cancellationToken);
    }

    /// <summary>Opens a bulk load: documents are accepted in batches as they come, bad ones are reported, the later of two with one id wins.</summary>
    public async Task<BulkLoad> BeginBulkLoadAsync(string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        var operation = await _parts.Queue.BeginAsync(NewOperation(collection, OperationKind.Index), cancellationToken).ConfigureAwait(false);
        return new BulkLoad(operation, _parts.Queue, _parts.Validator, _parts.Options.Queue, _parts.Time);
    }

    /// <summary>Accepts documents and waits until they are searchable and durable.</summary>
    /// <returns>The ended operation.</returns>
    public async Task<Operation> IndexAsync(IReadOnlyList<DocumentInput> documents, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        var operation = await SubmitAsync(documents, collection, cancellationToken).ConfigureAwait(false);
        return await WaitAsync(operation.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until an operation has ended.</summary>
    /// <exception cref="NotFoundException">There is no such operation.</exception>
    public Task<Operation> WaitAsync(string operationId, CancellationToken cancellationToken = default) => _parts.Queue.WaitAsync(operationId, cancellationToken);

    /// <summary>An operation by id, or null.</summary>
    public Task<Operation?> FindOperationAsync(string operationId, CancellationToken cancellationToken = default) => _parts.Queue.FindAsync(operationId, cancellationToken);

    /// <summary>Operations, newest first.</summary>
    /// <exception cref="InvalidRequestException">The cursor is not one that a listing gave.</exception>
    public Task<OperationPage> ListOperationsAsync(OperationState? state = null, string? cursor = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        CheckPage(limit);
        return _parts.Queue.ListAsync(state, cursor, limit, cancellationToken);
    }

    /// <summary>Searches a collection.</summary>
    /// <exception cref="InvalidRequestException">The request is out of bounds.</exception>
    /// <exception cref="NotFoundException">There is no such collection.</exception>
    public async Task<SearchResult> SearchAsync(SearchRequest request, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        (await _parts.Search.SearchAsync([request], collection, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Searches a collection for several requests; their texts are embedded in one batch.</summary>
    public Task<IReadOnlyList<SearchResult>> SearchAsync(IReadOnlyList<SearchRequest> requests, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        _parts.Search.SearchAsync(requests, collection, cancellationToken);

    /// <summary>A document by id, or null.</summary>
    public Task<Document?> FindDocumentAsync(string id, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _parts.Store.FindAsync(_parts.Collections.Get(collection).Key, id, cancellationToken);
    }

    /// <summary>Documents in the order of their ids.</summary>
    /// <exception cref="InvalidRequestException">The cursor is not one that a listing gave.</exception>
    public async Task<DocumentPage> ListDocumentsAsync(string? cursor = null, int limit = 100, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        CheckPage(limit);
        var after = cursor is null ? null : DocumentCursor.Parse(cursor);
        var documents = await _parts.Store.ListAsync(_parts.Collections.Get(collection).Key, after, limit + 1, cancellationToken).ConfigureAwait(false);
        return documents.Count <= limit
            ? new DocumentPage(documents, null)
            : new DocumentPage([.. documents.Take(limit)], DocumentCursor.After(documents[limit - 1].Id));
    }

    /// <summary>Deletes a document, in order with other writes to it, and waits until it is gone.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteDocumentAsync(string id, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        _parts.Validator.CheckId(id, "id");
        var operation = await _parts.Queue.EnqueueAsync(
            NewOperation(collection, OperationKind.Delete), [new NewWrite { Kind = WriteKind.Delete, DocumentId = id, Place = 0 }], cancellationToken).ConfigureAwait(false);
        var ended = await WaitAsync(operation.Id, cancellationToken).ConfigureAwait(false);
        return ended.Deleted > 0;
    }

    /// <summary>A collection's counters.</summary>
    /// <exception cref="NotFoundException">There is no such collection.</exception>
    public async Task<CollectionInfo> GetCollectionAsync(string name = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        var collection = _parts.Collections.Get(name);
        var counters = await _parts.Store.CountAsync(collection.Key, cancellationToken).ConfigureAwait(false);
        var live = collection.Live?.Settings;
        return new CollectionInfo
        {
            Name = name,
            Documents = counters.Documents,
            Chunks = counters.Chunks,
            ModelName = live?.ModelName ?? string.Empty,
            ModelIdentity = live?.ModelIdentity ?? string.Empty,
            IndexKind = counters.IndexKind,
            IndexCount = counters.IndexCount,
            Tombstones = counters.Tombstones,
        };
    }

    /// <summary>Stops the worker at the next safe place and closes the data folder. What was accepted is applied at the next opening.</summary>
    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private NewOperation NewOperation(string collection, OperationKind kind)
    {
        var stored = _parts.Collections.Get(collection);
        return new NewOperation { Id = Guid.CreateVersion7(_parts.Time.GetUtcNow()).ToString("n"), Collection = stored.Key, CollectionName = stored.Name, Kind = kind };
    }

    private void CheckPage(int limit)
    {
        if (limit < 1 || limit > _parts.Options.Limits.PageSize)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, "limit", $"limit is {limit}; 1 to {_parts.Options.Limits.PageSize} are allowed (Limits:PageSize).");
        }
    }
}
