using System.Text;
using AlbertSearch.Indexing.Flat;
using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Hnsw;

/// <summary>
/// Approximate nearest neighbours by a hierarchical navigable small world graph (Malkov &amp; Yashunin, arXiv:1603.09320), walked on 8-bit codes
/// and scored on the floats. Thread-safe; several writers insert at once, searches take no lock.
/// </summary>
/// <remarks>
/// The paper's algorithms: 1 INSERT is <see cref="GraphInsertion"/> and <see cref="BackLinks"/>, with the levels of <see cref="LevelGenerator"/>; 2 SEARCH-LAYER is
/// <see cref="LayerSearch"/>, with W and C in a <see cref="CandidatePool"/>, and under a filter <see cref="FilteredSearch"/>;
/// 4 SELECT-NEIGHBORS-HEURISTIC is <see cref="NeighborSelection"/>, which is used wherever 3 could be; 5 K-NN-SEARCH is <see cref="GraphSearch"/>.
/// Deletion is none of them: <see cref="GraphRepair"/>.
/// </remarks>
public sealed class HnswIndex : IVectorIndex
{
    /// <summary>Fewer tombstones are not worth a walk over all lists.</summary>
    private const int LeastTombstones = 64;

    private readonly HnswOptions _options;
    private readonly HnswGraph _graph;
    private readonly QuantizedVectors _vectors;
    private readonly SlotTable _slots = new();
    private readonly GraphInsertion _insertion;
    private readonly GraphRepair _repair;
    private readonly TwinChains _twins;
    private readonly GraphSearch _search;
    private readonly ScratchPool<SearchScratch> _searchScratch;
    private readonly ScratchPool<InsertScratch> _insertScratch;
    private readonly RowLedger _ledger;
    private readonly GraphSaving _saving;

    /// <summary>Writers share it; a save has it alone while it copies.</summary>
    private readonly ReaderWriterLockSlim _writers = new();
    private readonly UsageGate _gate;
    private readonly Lock _repairTurn = new();
    private readonly Lock _repairing = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly CancellationToken _disposalToken;
    private Task _backgroundRepair = Task.CompletedTask;
    private int _disposed;

    /// <summary>Makes an empty index.</summary>
    /// <param name="dimension">Floats in a vector, from 1 up.</param>
    /// <param name="options">Parameters; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension or an option is out of its range.</exception>
    public HnswIndex(int dimension, HnswOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        _options = options ?? new HnswOptions();
        _options.Validate();
        _graph = new HnswGraph(_options);
        _vectors = new QuantizedVectors(dimension, _options.VectorFolder);
        _ledger = new RowLedger(_graph, _vectors, _slots);
        _twins = new TwinChains(_graph, _vectors, _slots);
        _search = new GraphSearch(_graph, _vectors, _slots, _twins, _ledger, _options.Ef);
        _insertion = new GraphInsertion(_graph, _vectors, _slots, _twins, Math.Max(_options.EfConstruction, _options.M));
        var stride = _vectors.Codes.Stride;
        _searchScratch = new(() => new SearchScratch(_options.M, stride), 2 * Environment.ProcessorCount);
        _insertScratch = new(() => new InsertScratch(_options.M, stride), Environment.ProcessorCount);
        _repair = new GraphRepair(_graph, _vectors, _slots, _twins, _ledger, _insertion, _writers);
        _disposalToken = _disposal.Token;
        _gate = new UsageGate(this, Free);
        _saving = new GraphSaving(Parts, _ledger, _writers, _gate);
    }

    /// <inheritdoc />
    public int Dimension => _vectors.Floats.Dimension;

    /// <inheritdoc />
    public int Count => _slots.Count;

    /// <summary>The parameters that it was made with, or that its file has.</summary>
    public HnswOptions Options => _options;

    /// <inheritdoc />
    public void Insert(int slot, ReadOnlySpan<float> vector)
    {
        VectorArgument.Check(vector, Dimension, nameof(vector));
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        using var use = _gate.Enter();
        var scratch = _insertScratch.Rent();
        _writers.EnterReadLock();
        try
        {
            var row = _ledger.Reserve(slot);
            try
            {
                _vectors.Write(row, vector);
                _insertion.Link(row, vector, scratch);
            }
            catch
            {
                _ledger.Abandon(slot, row);
                throw;
            }

            _ledger.Hold(slot, row);
        }
        finally
        {
            _writers.ExitReadLock();
            _insertScratch.Return(scratch);
        }
    }

    /// <inheritdoc />
    public bool Remove(int slot)
    {
        using var use = _gate.Enter();
        _writers.EnterReadLock();
        try
        {
            if (!_ledger.Release(slot))
            {
                return false;
            }
        }
        finally
        {
            _writers.ExitReadLock();
        }

        RepairInBackgroundWhenDue();
        return true;
    }

    /// <inheritdoc />
    public bool Contains(int slot) => _slots.RowOf(slot) >= 0;

    /// <inheritdoc />
    public float Score(ReadOnlySpan<float> query, int slot)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        using var use = _gate.Enter();
        var row = _slots.RowOf(slot);
        return row >= 0 && ExactScan.TryScore(query, _vectors.Floats, _slots, row, out var neighbor) && neighbor.Slot == slot
            ? neighbor.Score
            : throw new ArgumentException($"Slot {slot} is not held.", nameof(slot));
    }

    /// <inheritdoc />
    public int Search(ReadOnlySpan<float> query, in VectorSearchParameters parameters, Span<Neighbor> results, CancellationToken cancellationToken = default)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        cancellationToken.ThrowIfCancellationRequested();
        if (results.IsEmpty)
        {
            return 0;
        }

        using var use = _gate.Enter();
        var scratch = _searchScratch.Rent();
        try
        {
            return _search.Run(query, parameters, results, scratch, cancellationToken);
        }
        finally
        {
            _searchScratch.Return(scratch);
        }
    }

    /// <inheritdoc />
    public IVectorSearchCursor OpenCursor(ReadOnlySpan<float> query, in VectorSearchParameters parameters)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        return new WideningCursor(this, query, parameters);
    }

    /// <summary>The repair that runs in the background, or the last one that did: for those who want to wait for it or see its error.</summary>
    public Task BackgroundRepair
    {
        get
        {
            lock (_repairing)
            {
                return _backgroundRepair;
            }
        }
    }

    /// <summary>What the index holds now.</summary>
    public HnswStatistics GetStatistics()
    {
        var levels = new int[LevelGenerator.MaxLevel + 1];
        var nodes = _graph.Nodes;
        for (var node = 0; node < nodes; node++)
        {
            levels[_graph.LevelOf(node)]++;
        }

        return new HnswStatistics
        {
            Count = Count,
            Tombstones = _ledger.Tombstones,
            Levels = levels[..(Array.FindLastIndex(levels, n => n > 0) + 1)],
            MemoryBytes = _graph.Bytes + _vectors.CodeBytes + _vectors.Floats.MemoryBytes + _slots.Bytes + _twins.Bytes,
            MappedBytes = _vectors.Floats.MappedBytes,
        };
    }

    /// <summary>
    /// The recall of searches for vectors that the index holds, measured against exact ones: the share of the true k nearest, the vector
    /// itself apart, that a search finds. Takes about as long as that many exact searches.
    /// </summary>
    /// <param name="samples">How many vectors are searched for; all when there are fewer.</param>
    /// <param name="k">Neighbours of each.</param>
    /// <param name="ef">Width of the searches; 0 for the default.</param>
    /// <param name="seed">Chooses the vectors.</param>
    /// <param name="cancellationToken">Ends the check early, by exception.</param>
    /// <returns>From 0 to 1; 1 for an index of less than two vectors.</returns>
    public double MeasureRecall(int samples, int k, int ef, int seed, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNegative(ef);
        using var use = _gate.Enter();
        return new RecallCheck(this, _slots, _vectors.Floats, k, ef).Run(_graph.Nodes, samples, seed, cancellationToken);
    }

    /// <summary>
    /// Takes the tombstones out of the graph, so that their rows are used again. Searches and inserts go on beside it, but for the end, where
    /// inserts and removals wait while the rows are freed, some milliseconds for 100,000 of them; repairs take turns.
    /// When half of the graph or more are tombstones, the nodes around them are linked anew, which rebuilds the graph in place.
    /// </summary>
    public void Repair(CancellationToken cancellationToken = default)
    {
        using var use = _gate.Enter();
        var scratch = _insertScratch.Rent();
        _repairTurn.Enter();
        try
        {
            _repair.Run(scratch, cancellationToken);
        }
        finally
        {
            _repairTurn.Exit();
            _insertScratch.Return(scratch);
        }
    }

    /// <summary>
    /// Writes a snapshot: to a temporary file beside it, which is flushed, takes the file's name, and has its folder flushed, so that a
    /// power cut leaves the old file or the new one. Searches never wait; inserts and removals wait while links are copied in memory, some
    /// milliseconds for 100,000 vectors. Saves take turns.
    /// </summary>
    /// <remarks>
    /// Afterwards the float vectors are read from the new file, mapped, and their memory is given back when the searches that may read it
    /// have ended; the last few megabytes stay, and on Windows, where a mapped file can't be replaced, all of them. So the file may be
    /// replaced, renamed or deleted, but must not be cut or written to while the index is in use.
    /// </remarks>
    /// <param name="path">The file; what has the name is replaced. On Windows not the file that this index was loaded from, which stays mapped.</param>
    /// <param name="info">Where the snapshot belongs. Every change up to its sequence number was made before the call.</param>
    /// <param name="cancellationToken">Ends the writing early, by exception; the file is as it was.</param>
    /// <exception cref="ArgumentException">The model identity is too long.</exception>
    /// <exception cref="IndexFormatException">The file that this index was loaded from turned out to be damaged.</exception>
    /// <exception cref="IOException">The file can't be written, or doesn't read as it was written.</exception>
    public void Save(string path, IndexSnapshotInfo info, CancellationToken cancellationToken = default) => Save(path, info, progress: null, cancellationToken);

    /// <summary>Writes a snapshot, and tells how far it is.</summary>
    /// <param name="path">As above.</param>
    /// <param name="info">As above.</param>
    /// <param name="progress">Told on the calling thread: the share of the vectors that is written; 1 when the file is whole and on the disk, and is about to take its name.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <exception cref="ArgumentException">The model identity is too long.</exception>
    /// <exception cref="IndexFormatException">The file that this index was loaded from turned out to be damaged.</exception>
    /// <exception cref="IOException">The file can't be written, or doesn't read as it was written.</exception>
    public void Save(string path, IndexSnapshotInfo info, IProgress<double>? progress, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(info);
        if (Encoding.UTF8.GetByteCount(info.ModelIdentity) > IndexSnapshotInfo.MaxModelIdentityBytes)
        {
            throw new ArgumentException($"The model identity is longer than {IndexSnapshotInfo.MaxModelIdentityBytes} bytes of UTF-8.", nameof(info));
        }

        using var use = _gate.Enter();
        _saving.Run(path, new IndexFileWriter(Dimension, _options, info, progress), cancellationToken);
    }

    /// <summary>
    /// Opens a snapshot. All but the float vectors is read and checked; they stay in the file, mapped, and are checked block by block when a
    /// search first touches them. The file may be replaced or deleted afterwards, but must not be cut or written to.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">For what the file doesn't decide: the default ef, the folder for new vectors, when to repair. Null for the file's and the defaults.</param>
    /// <param name="cancellationToken">Ends the reading early, by exception.</param>
    /// <returns>The index and what the file says about itself: the caller compares the model.</returns>
    /// <exception cref="IndexFormatException">The file is not an index, of another version, or damaged.</exception>
    /// <exception cref="IOException">There is no such file, or it can't be read.</exception>
    public static (HnswIndex Index, IndexSnapshotInfo Info) Load(string path, HnswOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        var header = IndexHeader.Read(file);
        var index = new HnswIndex(header.Dimension, header.Options with
        {
            Ef = options?.Ef ?? header.Options.Ef,
            VectorFolder = options?.VectorFolder,
            RepairAt = options?.RepairAt ?? header.Options.RepairAt,
        });
        try
        {
            new IndexFileReader(file, header).Read(index.Parts, cancellationToken);
            index._ledger.Recount();
            return (index, header.Info);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Checks all of the vectors that are mapped from a snapshot, without waiting for searches to touch them.</summary>
    /// <exception cref="IndexFormatException">Some are damaged: build the index anew.</exception>
    public void VerifyVectors(CancellationToken cancellationToken = default)
    {
        using var use = _gate.Enter();
        _vectors.Floats.CheckAll(cancellationToken);
    }

    /// <summary>Frees the memory when the calls that are under way have ended; new ones are refused.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _disposal.Cancel();
            _gate.Close();
        }
    }

    private void RepairInBackgroundWhenDue()
    {
        var tombstones = _ledger.Tombstones;
        if (tombstones < LeastTombstones || tombstones < _options.RepairAt * (Count + (long)tombstones) || _options.RepairAt >= 1)
        {
            return;
        }

        lock (_repairing)
        {
            if (_backgroundRepair.IsCompleted)
            {
                _backgroundRepair = Task.Run(() => Repair(_disposalToken), CancellationToken.None);
            }
        }
    }

    /// <summary>What it consists of.</summary>
    internal IndexParts Parts => new(_graph, _vectors, _slots, _twins);

    private void Free()
    {
        _graph.Dispose();
        _vectors.Dispose();
        _disposal.Dispose();
        _writers.Dispose();
        _saving.Dispose();
    }
}
