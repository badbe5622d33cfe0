using AlbertSearch.Filters;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage;

/// <summary>
/// The durable queue: operations and their writes, a document each. What a method has acknowledged survives the process and the power.
/// Safe for use from many threads. Every method throws <see cref="Errors.StorageUnavailableException"/> when the storage can't be used, and has then changed nothing.
/// </summary>
public interface IOperationQueue
{
    /// <summary>Writes that wait or are being applied.</summary>
    long Length { get; }

    /// <summary>Accepts an operation with all its writes. One whose idempotency key is known already is not accepted again: the first one is returned.</summary>
    /// <exception cref="Errors.QueueFullException">The queue would exceed its bound; nothing was accepted.</exception>
    /// <exception cref="Errors.ConflictException">The idempotency key belongs to another request.</exception>
    Task<Operation> EnqueueAsync(NewOperation operation, IReadOnlyList<NewWrite> writes, CancellationToken cancellationToken = default);

    /// <summary>
    /// Accepts an operation that deletes every document that fulfils a filter after all writes that were accepted before. What it
    /// adds to the queue doesn't count against the bound.
    /// </summary>
    Task<Operation> EnqueueDeletionAsync(NewOperation operation, Filter filter, CancellationToken cancellationToken = default);

    /// <summary>Accepts an operation whose writes come in later; it doesn't end before it is sealed.</summary>
    /// <exception cref="Errors.ConflictException">The idempotency key is known already.</exception>
    Task<Operation> BeginAsync(NewOperation operation, CancellationToken cancellationToken = default);

    /// <summary>Adds writes and failures to an operation that was begun.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="writes">Writes, in order.</param>
    /// <param name="failures">Lines that didn't become writes.</param>
    /// <param name="lines">Lines of the body that are dealt with so far.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    /// <exception cref="Errors.QueueFullException">The queue would exceed its bound; nothing was added.</exception>
    Task AppendAsync(string operationId, IReadOnlyList<NewWrite> writes, IReadOnlyList<FailedDocument> failures, long lines, CancellationToken cancellationToken = default);

    /// <summary>Takes up an operation again whose body was cut off.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="fromLine">The next line of the body; at most one after those that are dealt with.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    /// <exception cref="Errors.ConflictException">The operation is whole, canceled, or still coming in.</exception>
    /// <exception cref="Errors.InvalidRequestException">Lines would be left out.</exception>
    Task<Operation> ReopenAsync(string operationId, long fromLine, CancellationToken cancellationToken = default);

    /// <summary>Says that an operation gets no more writes. When the storage takes none just then, the operation counts as cut off, and is sealed as such as soon as that can be written.</summary>
    /// <param name="operationId">The operation.</param>
    /// <param name="cutOff">Whether more were to come.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    Task<Operation> SealAsync(string operationId, bool cutOff, CancellationToken cancellationToken = default);

    /// <summary>Takes out of the queue what is not applied yet of an operation, leased or not. One that has ended stays as it is.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such operation.</exception>
    Task<Operation> CancelAsync(string operationId, CancellationToken cancellationToken = default);

    /// <summary>Seals every operation that was begun and not sealed, and frees all leases: for the start, when nobody else can hold any.</summary>
    Task RecoverAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Leases writes of a lane that may be applied now. A write is left out while an earlier one to the same document is leased, put off
    /// or in the other lane, so that one document's writes are applied in their order. (A deletion that nothing can keep from being done
    /// takes those before it with it, whatever their lane.)
    /// </summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="lease">How long the lease holds.</param>
    /// <param name="maxWrites">Most writes.</param>
    /// <param name="maxBytes">Stops after the write that reaches this many bytes of text.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    /// <returns>In the order of their sequence numbers.</returns>
    Task<IReadOnlyList<QueuedWrite>> LeaseAsync(string owner, WriteLane lane, TimeSpan lease, int maxWrites, long maxBytes, CancellationToken cancellationToken = default);

    /// <summary>Prolongs all leases of an owner.</summary>
    /// <returns>How many it holds: writes of an operation that was canceled are gone.</returns>
    Task<int> RenewAsync(string owner, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Gives back all leases of an owner.</summary>
    Task ReleaseAsync(string owner, CancellationToken cancellationToken = default);

    /// <summary>Gives back some leases of an owner.</summary>
    Task ReleaseAsync(string owner, IReadOnlyList<QueuedWrite> writes, CancellationToken cancellationToken = default);

    /// <summary>Says that a leased write threw. It is put off and tried again, or parked with its error when its tries are used up.</summary>
    /// <param name="write">The write.</param>
    /// <param name="owner">Who holds the lease.</param>
    /// <param name="reason">What was thrown.</param>
    /// <param name="putOff">How long to wait before the next try.</param>
    /// <param name="maxAttempts">Tries of a write.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    Task FailAsync(QueuedWrite write, string owner, string reason, TimeSpan putOff, int maxAttempts, CancellationToken cancellationToken = default);

    /// <summary>Waits until an operation has ended.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such operation.</exception>
    /// <exception cref="Errors.StorageUnavailableException">The storage holds the operation up; it goes on by itself when that is over.</exception>
    Task<Operation> WaitAsync(string operationId, CancellationToken cancellationToken = default);

    /// <summary>Tells all who wait for operations that the storage holds them up.</summary>
    void ReportStall(Errors.StorageUnavailableException reason);

    /// <summary>Waits until there may be something to lease in a lane; one caller a lane.</summary>
    Task WaitForWorkAsync(WriteLane lane, CancellationToken cancellationToken = default);

    /// <summary>Waits until the queue has become shorter than it is, or has room for <paramref name="writes"/>.</summary>
    Task WaitForRoomAsync(int writes, CancellationToken cancellationToken = default);

    /// <summary>An operation, or null.</summary>
    Task<Operation?> FindAsync(string operationId, CancellationToken cancellationToken = default);

    /// <summary>The operation of an idempotency key, or null.</summary>
    Task<Operation?> FindByKeyAsync(string idempotencyKey, CancellationToken cancellationToken = default);

    /// <summary>The bulk load of an idempotency key, or null.</summary>
    /// <exception cref="Errors.ConflictException">The key belongs to a request of another kind, or for another collection.</exception>
    Task<Operation?> FindLoadAsync(string idempotencyKey, long collection, CancellationToken cancellationToken = default);

    /// <summary>Operations, newest first.</summary>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="before">The cursor of the page before; null for the first page.</param>
    /// <param name="limit">Most operations.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<OperationPage> ListAsync(OperationState? state, string? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>Forgets operations that ended before a moment.</summary>
    /// <returns>How many.</returns>
    Task<int> PurgeAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken = default);
}
