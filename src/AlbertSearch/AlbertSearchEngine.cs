using System.Runtime.CompilerServices;
using System.Text.Json;
using AlbertSearch.Collections;
using AlbertSearch.Documents;
using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Filters;
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
    private const int ExportPage = 200;

    private readonly EngineParts _parts;

    private AlbertSearchEngine(EngineParts parts)
    {
        _parts = parts;
    }

    /// <summary>What the engine consists of, for tests that do damage to it.</summary>
    internal EngineParts Parts => _parts;

    /// <summary>The default model: embeddings, tokens, similarity.</summary>
    public EmbeddingModel Model => _parts.Models.Get(_parts.Models.DefaultName).Model;

    /// <summary>The model that a collection is searched with; loaded when it is first asked for.</summary>
    /// <exception cref="NotFoundException">There is no such collection, or it can't be searched yet.</exception>
    /// <exception cref="ModelFormatException">The model's folder can't be used.</exception>
    public EmbeddingModel GetModel(string collection = CollectionInfo.DefaultName) => _parts.Collections.ModelOf(
        _parts.Collections.Get(collection).Live ?? throw new NotFoundException($"Collection '{collection}' is being built and can't be searched yet.")).Model;

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
    public Task<Operation> SubmitAsync(IReadOnlyList<DocumentInput> documents, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        SubmitAsync(documents, idempotencyKey: null, collection, cancellationToken);

    /// <summary>Accepts documents into the durable queue, all or none, and once: the same request under the same key is answered with the first operation.</summary>
    /// <returns>The accepted operation.</returns>
    /// <exception cref="InvalidRequestException">A document or the key is not valid; nothing was accepted.</exception>
    /// <exception cref="QueueFullException">The queue is at its bound; nothing was accepted.</exception>
    /// <exception cref="ConflictException">The key belongs to another request.</exception>
    public Task<Operation> SubmitAsync(
        IReadOnlyList<DocumentInput> documents, string? idempotencyKey, string collection, CancellationToken cancellationToken = default)
    {
        IdempotencyKeys.Check(idempotencyKey);
        var valid = _parts.Validator.Validate(documents);
        var operation = NewOperation(collection, OperationKind.Index, idempotencyKey, idempotencyKey is null ? null : IdempotencyKeys.HashRequest(collection, valid));
        var writes = valid.Select((document, index) => new NewWrite
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
    public Task<BulkLoad> BeginBulkLoadAsync(string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        BeginBulkLoadAsync(idempotencyKey: null, fromLine: null, collection, cancellationToken);

    /// <summary>Opens a bulk load under a key, or goes on with one that was cut off.</summary>
    /// <param name="idempotencyKey">By which the load is known when it comes again; null for none.</param>
    /// <param name="fromLine">The line that a load that was cut off goes on with; null for a new one.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="cancellationToken">Cancels the commit.</param>
    /// <exception cref="ConflictException">The key is known already and no line was given, the load can't be continued, or it goes into another collection.</exception>
    /// <exception cref="InvalidRequestException">The key is not valid, or lines would be left out.</exception>
    /// <exception cref="NotFoundException">There is no load to go on with.</exception>
    public async Task<BulkLoad> BeginBulkLoadAsync(
        string? idempotencyKey, long? fromLine, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        IdempotencyKeys.Check(idempotencyKey);
        Operation operation;
        if (fromLine is { } line)
        {
            var first = idempotencyKey is null ? null : await FindBulkLoadAsync(idempotencyKey, collection, cancellationToken).ConfigureAwait(false);
            operation = await _parts.Queue.ReopenAsync(
                first?.Id ?? throw new NotFoundException("There is no operation with this idempotency key to go on with."), line, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            operation = await _parts.Queue.BeginAsync(NewOperation(collection, OperationKind.Index, idempotencyKey), cancellationToken).ConfigureAwait(false);
        }

        return new BulkLoad(operation, _parts.Queue, _parts.Validator, _parts.Options.Queue, _parts.Time);
    }

    /// <summary>The operation of an idempotency key, or null.</summary>
    public Task<Operation?> FindOperationByKeyAsync(string idempotencyKey, CancellationToken cancellationToken = default) =>
        _parts.Queue.FindByKeyAsync(idempotencyKey, cancellationToken);

    /// <summary>The bulk load that came under an idempotency key, or null. It may be coming in still.</summary>
    /// <exception cref="ConflictException">The key belongs to a request of another kind, or for another collection.</exception>
    /// <exception cref="NotFoundException">There is no such collection.</exception>
    public Task<Operation?> FindBulkLoadAsync(string idempotencyKey, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        _parts.Queue.FindLoadAsync(idempotencyKey, _parts.Collections.Get(collection).Key, cancellationToken);

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
    public Task<bool> DeleteDocumentAsync(string id, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        DeleteDocumentAsync(id, ifRevision: null, collection, cancellationToken);

    /// <summary>Deletes a document if it has a revision, in order with other writes to it, and waits until it is gone.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="PreconditionFailedException">The document has another revision, or is not there.</exception>
    public async Task<bool> DeleteDocumentAsync(string id, long? ifRevision, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        _parts.Validator.CheckId(id, "id");
        var write = new NewWrite { Kind = WriteKind.Delete, DocumentId = id, Place = 0, IfRevision = ifRevision };
        var ended = await RunAsync(NewOperation(collection, OperationKind.Delete), write, cancellationToken).ConfigureAwait(false);
        return ended.Deleted > 0;
    }

    /// <summary>Accepts the deletion of documents by their ids.</summary>
    /// <returns>The accepted operation; wait for it to know how many there were.</returns>
    /// <exception cref="InvalidRequestException">There are no ids, or one is not allowed.</exception>
    public Task<Operation> DeleteDocumentsAsync(IReadOnlyList<string> ids, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count == 0)
        {
            throw new InvalidRequestException(ErrorCodes.Empty, "ids", "There are no ids.");
        }

        for (var i = 0; i < ids.Count; i++)
        {
            _parts.Validator.CheckId(ids[i], $"ids[{i}]");
        }

        var writes = ids.Distinct(StringComparer.Ordinal).Select((id, place) => new NewWrite { Kind = WriteKind.Delete, DocumentId = id, Place = place });
        return _parts.Queue.EnqueueAsync(NewOperation(collection, OperationKind.Delete), [.. writes], cancellationToken);
    }

    /// <summary>Accepts the deletion of all documents that fulfil a filter once every write that was accepted before is applied.</summary>
    /// <returns>The accepted operation; wait for it to know how many there were.</returns>
    public Task<Operation> DeleteDocumentsAsync(Filter filter, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return _parts.Queue.EnqueueDeletionAsync(NewOperation(collection, OperationKind.Delete), filter, cancellationToken);
    }

    /// <summary>How many documents fulfil a filter now.</summary>
    public Task<long> CountDocumentsAsync(Filter filter, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return _parts.Store.CountMatchesAsync(_parts.Collections.Get(collection).Key, filter, cancellationToken);
    }

    /// <summary>Merges into a document's metadata (RFC 7396), in order with other writes to it; nothing is embedded.</summary>
    /// <param name="id">The document.</param>
    /// <param name="patch">A JSON object.</param>
    /// <param name="ifRevision">The revision that the document must have; null for any.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The document as it is then; null when there is none.</returns>
    /// <exception cref="InvalidRequestException">The patch or what would come of it is not allowed.</exception>
    /// <exception cref="PreconditionFailedException">The document has another revision.</exception>
    public async Task<Document?> PatchDocumentAsync(
        string id, JsonElement patch, long? ifRevision = null, string collection = CollectionInfo.DefaultName, CancellationToken cancellationToken = default)
    {
        _parts.Validator.CheckId(id, "id");
        var metadata = _parts.Validator.CheckMetadata(patch, "metadata")
            ?? throw new InvalidRequestException(ErrorCodes.InvalidValue, "metadata", "metadata is null; an object with the changes is expected.");
        var write = new NewWrite { Kind = WriteKind.Patch, DocumentId = id, Place = 0, Metadata = metadata, IfRevision = ifRevision };
        var ended = await RunAsync(NewOperation(collection, OperationKind.Patch), write, cancellationToken).ConfigureAwait(false);
        return ended.Failed.Count > 0 ? null : await FindDocumentAsync(id, collection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes out of the queue what is not being applied of an operation. One that has ended stays as it is.</summary>
    /// <exception cref="NotFoundException">There is no such operation.</exception>
    public Task<Operation> CancelOperationAsync(string operationId, CancellationToken cancellationToken = default) => _parts.Queue.CancelAsync(operationId, cancellationToken);

    /// <summary>All documents in the order of their ids, page by page: what is changed meanwhile is seen before or after the change.</summary>
    public async IAsyncEnumerable<Document> ExportDocumentsAsync(
        string collection = CollectionInfo.DefaultName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var key = _parts.Collections.Get(collection).Key;
        string? after = null;
        while (true)
        {
            var page = await _parts.Store.ListAsync(key, after, ExportPage, cancellationToken).ConfigureAwait(false);
            foreach (var document in page)
            {
                yield return document;
            }

            if (page.Count < ExportPage)
            {
                yield break;
            }

            after = page[^1].Id;
        }
    }

    /// <summary>Makes a collection, or returns the one that has the name and the settings.</summary>
    /// <exception cref="InvalidRequestException">The name or a setting is not allowed.</exception>
    /// <exception cref="ConflictException">The collection is there with other settings.</exception>
    public async Task<CollectionInfo> CreateCollectionAsync(string name, CollectionSettings? settings = null, CancellationToken cancellationToken = default) =>
        await _parts.CollectionInfos.ReadAsync(await _parts.Collections.CreateAsync(name, settings ?? new CollectionSettings(), cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes a collection with all its documents, cancels what is queued for it, and frees its space.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="ConflictException">It is the default collection, which is always there.</exception>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        if (name == CollectionInfo.DefaultName)
        {
            throw new ConflictException($"Collection '{name}' is always there; delete its documents instead.");
        }

        if (_parts.Collections.All.FirstOrDefault(collection => collection.Name == name) is not { } collection)
        {
            return false;
        }

        _parts.Collections.Remove(collection);
        var deleted = await _parts.Store.DeleteCollectionAsync(collection.Key, cancellationToken).ConfigureAwait(false);
        await _parts.Store.PurgeDeletedAsync(cancellationToken).ConfigureAwait(false);
        return deleted;
    }

    /// <summary>A collection's counters.</summary>
    /// <exception cref="NotFoundException">There is no such collection.</exception>
    public Task<CollectionInfo> GetCollectionAsync(string name = CollectionInfo.DefaultName, CancellationToken cancellationToken = default) =>
        _parts.CollectionInfos.ReadAsync(_parts.Collections.Get(name), cancellationToken);

    /// <summary>The share of the true nearest chunks that searches of a collection find, measured on a sample of its own vectors.</summary>
    /// <param name="name">The collection.</param>
    /// <param name="samples">Vectors that are searched for: each costs an exact search.</param>
    /// <param name="k">Neighbours of each.</param>
    /// <param name="ef">Width of the searches; null for the configured one.</param>
    /// <param name="cancellationToken">Ends the check early.</param>
    /// <returns>From 0 to 1; 1 for an exact index.</returns>
    /// <exception cref="InvalidRequestException">A number is out of bounds.</exception>
    public Task<double> MeasureRecallAsync(
        string name = CollectionInfo.DefaultName, int samples = 100, int k = 10, int? ef = null, CancellationToken cancellationToken = default)
    {
        var limits = _parts.Options.Limits;
        CheckRange("samples", samples, limits.Samples, nameof(limits.Samples));
        CheckRange("k", k, limits.K, nameof(limits.K));
        CheckRange("ef", ef ?? 1, limits.Ef, nameof(limits.Ef));
        return _parts.Store.MeasureRecallAsync(_parts.Collections.Get(name).Key, samples, k, ef ?? 0, cancellationToken);
    }

    /// <summary>Compares a collection's documents, chunks, vectors, index, counters and queue, beside all other work.</summary>
    /// <param name="name">The collection.</param>
    /// <param name="repair">Whether to put right what is off. Damaged documents are embedded again by an operation that the report names.</param>
    /// <param name="cancellationToken">Ends it between pages; what was repaired stays.</param>
    /// <exception cref="NotFoundException">There is no such collection.</exception>
    public Task<VerificationReport> VerifyCollectionAsync(string name = CollectionInfo.DefaultName, bool repair = false, CancellationToken cancellationToken = default) =>
        _parts.Verifier.VerifyAsync(_parts.Collections.Get(name).Key, repair ? NewOperation(name, OperationKind.Index) : null, cancellationToken);

    /// <summary>All collections, in the order of their names.</summary>
    public async Task<IReadOnlyList<CollectionInfo>> ListCollectionsAsync(CancellationToken cancellationToken = default)
    {
        var infos = new List<CollectionInfo>();
        foreach (var collection in _parts.Collections.All)
        {
            infos.Add(await _parts.CollectionInfos.ReadAsync(collection, cancellationToken).ConfigureAwait(false));
        }

        return infos;
    }

    /// <summary>Stops the worker at the next safe place and closes the data folder, within <see cref="QueueOptions.StopTimeout"/>. What was accepted is applied at the next opening.</summary>
    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task<Operation> RunAsync(NewOperation operation, NewWrite write, CancellationToken cancellationToken)
    {
        var accepted = await _parts.Queue.EnqueueAsync(operation, [write], cancellationToken).ConfigureAwait(false);
        var ended = await WaitAsync(accepted.Id, cancellationToken).ConfigureAwait(false);
        return (ended.Failed is [var only, ..] ? only : null) switch
        {
            { Code: ErrorCodes.PreconditionFailed } failure => throw new PreconditionFailedException(failure.Message),
            { Code: ErrorCodes.TooLong } failure => throw new InvalidRequestException(failure.Code, "metadata", failure.Message),
            { Code: ErrorCodes.Internal } failure => throw new StorageUnavailableException(failure.Message),
            _ => ended,
        };
    }

    private NewOperation NewOperation(string collection, OperationKind kind, string? idempotencyKey = null, ContentHash? requestHash = null)
    {
        var stored = _parts.Collections.Get(collection);
        return new NewOperation
        {
            Id = Guid.CreateVersion7(_parts.Time.GetUtcNow()).ToString("n"),
            Collection = stored.Key,
            CollectionName = stored.Name,
            Kind = kind,
            IdempotencyKey = idempotencyKey,
            RequestHash = requestHash,
        };
    }

    private void CheckPage(int limit) => CheckRange("limit", limit, _parts.Options.Limits.PageSize, nameof(LimitOptions.PageSize));

    private static void CheckRange(string field, int value, int most, string limit)
    {
        if (value < 1 || value > most)
        {
            throw new InvalidRequestException(ErrorCodes.InvalidValue, field, $"{field} is {value}; 1 to {most} are allowed (Limits:{limit}).");
        }
    }
}
