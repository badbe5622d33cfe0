using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Persistence;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Writes snapshots. Writers wait while what changes in place (slots, twins, links: some 140 bytes a row) is copied. Vectors and codes are
/// written beside inserts and removals: no row is used again until the file is whole. Afterwards the float vectors are read from the file.
/// </summary>
internal sealed class GraphSaving(IndexParts parts, RowLedger ledger, ReaderWriterLockSlim writers, UsageGate gate) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Writes a file; saves take turns.</summary>
    public void Run(string path, IndexFileWriter writer, CancellationToken cancellationToken)
    {
        _turn.Wait(cancellationToken);
        try
        {
            using var snapshot = Begin();
            try
            {
                if (writer.Write(path, snapshot, parts.Vectors, cancellationToken) is { } mapped)
                {
                    MoveFloats(mapped);
                }
            }
            finally
            {
                ledger.Thaw();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private IndexSnapshot Begin()
    {
        writers.EnterWriteLock();
        try
        {
            // Nothing is pending now: every row is written.
            var snapshot = new IndexSnapshot(parts);
            ledger.Freeze();
            return snapshot;
        }
        finally
        {
            writers.ExitWriteLock();
        }
    }

    private void MoveFloats(MappedBlock mapped)
    {
        writers.EnterWriteLock();
        try
        {
            if (!gate.TryRetire(() => parts.Vectors.Floats.MoveTo(mapped)))
            {
                mapped.Dispose();
            }
        }
        finally
        {
            writers.ExitWriteLock();
        }
    }
}
