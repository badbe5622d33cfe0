using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Storage;

namespace AlbertSearch.Ingestion;

/// <summary>A bulk load that is coming in. Not thread-safe. Disposing it without completing keeps the batches that were committed.</summary>
public sealed class BulkLoad : IAsyncDisposable
{
    private const int LargestBatch = 256;
    private const int BatchCharacters = 1 << 20;

    private static readonly TimeSpan LongestStandstill = TimeSpan.FromMinutes(2);

    private readonly IOperationQueue _queue;
    private readonly DocumentValidator _validator;
    private readonly TimeProvider _time;
    private readonly int _batchDocuments;
    private readonly List<NewWrite> _writes = [];
    private readonly List<FailedDocument> _failures = [];
    private long _characters;
    private long _line;
    private bool _sealed;

    internal BulkLoad(Operation operation, IOperationQueue queue, DocumentValidator validator, QueueOptions options, TimeProvider time)
    {
        OperationId = operation.Id;
        _queue = queue;
        _validator = validator;
        _time = time;

        // A part of the queue's bound, so that there is room again before the queue has run dry.
        _batchDocuments = Math.Clamp(options.MaxDocuments / 4, 1, LargestBatch);
    }

    /// <summary>The operation that the documents belong to.</summary>
    public string OperationId { get; }

    /// <summary>Takes a document; a full batch is committed to the durable queue. A document that isn't valid is reported and left out.</summary>
    /// <param name="document">The document.</param>
    /// <param name="line">Its line, from 1.</param>
    /// <param name="columnOf">Tells the column of a field (<c>id</c>, <c>text</c> or <c>metadata</c>) in the line, from 1, or null; asked before the call returns. Null when columns are not known.</param>
    /// <param name="lastLine">The last line of the document, when it takes several; null for <paramref name="line"/>.</param>
    /// <param name="cancellationToken">Cancels the wait for the queue.</param>
    /// <exception cref="Errors.QueueFullException">The queue stayed at its bound.</exception>
    public ValueTask AddAsync(DocumentInput document, long line, Func<string, long?>? columnOf = null, long? lastLine = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        ValidDocument valid;
        try
        {
            valid = _validator.Validate(document, string.Empty);
        }
        catch (InvalidRequestException error)
        {
            return RejectAsync(new FailedDocument { Line = line, Column = columnOf?.Invoke(error.Field), Id = ShortId(document.Id), Code = error.Code, Message = error.Message }, lastLine, cancellationToken);
        }

        _writes.Add(new NewWrite { Kind = WriteKind.Upsert, DocumentId = valid.Id, Place = line, Text = valid.Text, Metadata = valid.Metadata });
        _characters += valid.Text.Length + (valid.Metadata?.Length ?? 0);
        _line = lastLine ?? line;
        return CommitIfFullAsync(cancellationToken);
    }

    /// <summary>Reports a line that could not be read.</summary>
    /// <param name="failure">Says which line, and why.</param>
    /// <param name="lastLine">The last line that is dealt with by this, when there are several; null for the failure's own.</param>
    /// <param name="cancellationToken">Cancels the wait for the queue.</param>
    public ValueTask RejectAsync(FailedDocument failure, long? lastLine = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(failure);
        _failures.Add(failure);
        _line = Math.Max(_line, lastLine ?? failure.Line ?? 0);
        return CommitIfFullAsync(cancellationToken);
    }

    /// <summary>Commits what is left and seals the operation.</summary>
    /// <returns>The accepted operation.</returns>
    public async Task<Operation> CompleteAsync(CancellationToken cancellationToken = default)
    {
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        var operation = await _queue.SealAsync(OperationId, cutOff: false, cancellationToken).ConfigureAwait(false);
        _sealed = true;
        return operation;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_sealed)
        {
            _sealed = true;
            await _queue.SealAsync(OperationId, cutOff: true).ConfigureAwait(false);
        }
    }

    private static string? ShortId(string? id) => id is { Length: > 512 } ? id[..512] : id;

    private ValueTask CommitIfFullAsync(CancellationToken cancellationToken) =>
        _writes.Count + _failures.Count >= _batchDocuments || _characters >= BatchCharacters ? new ValueTask(CommitAsync(cancellationToken)) : ValueTask.CompletedTask;

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_writes.Count + _failures.Count == 0)
        {
            return;
        }

        while (true)
        {
            try
            {
                await _queue.AppendAsync(OperationId, _writes, _failures, _line, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (QueueFullException)
            {
                // The reader of the body waits with us: that is how a bulk load is slowed down.
                try
                {
                    await _queue.WaitForRoomAsync(_writes.Count, cancellationToken).WaitAsync(LongestStandstill, _time, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    throw new QueueFullException(
                        $"The queue has been full for {LongestStandstill.TotalSeconds} s without getting shorter; lines up to the last committed one are kept.", LongestStandstill);
                }
            }
        }

        _writes.Clear();
        _failures.Clear();
        _characters = 0;
    }
}
