using AlbertSearch.Indexing.Memory;
using AlbertSearch.Indexing.Vectors;

namespace AlbertSearch.Indexing.Flat;

/// <summary>
/// The exact index: every search compares with every vector that is allowed. Its answers are the truth that other indexes are measured by.
/// Thread-safe; writers take turns, searches take no lock.
/// </summary>
public sealed class FlatIndex : IVectorIndex
{
    private readonly Lock _writing = new();
    private readonly FloatVectors _vectors;
    private readonly SlotTable _slots = new();
    private readonly Stack<int> _freeRows = new();
    private readonly UsageGate _gate;
    private int _rows;

    /// <summary>Makes an empty index.</summary>
    /// <param name="dimension">Floats in a vector, from 1 up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is below 1.</exception>
    public FlatIndex(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        _vectors = new FloatVectors(dimension);
        _gate = new UsageGate(this, _vectors.Dispose);
    }

    /// <inheritdoc />
    public int Dimension => _vectors.Dimension;

    /// <inheritdoc />
    public int Count => _slots.Count;

    /// <summary>Bytes of memory that the index holds.</summary>
    public long MemoryBytes => _vectors.MemoryBytes + _slots.Bytes;

    /// <inheritdoc />
    public void Insert(int slot, ReadOnlySpan<float> vector)
    {
        VectorArgument.Check(vector, Dimension, nameof(vector));
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        using var use = _gate.Enter();
        lock (_writing)
        {
            if (_slots.RowOf(slot) >= 0)
            {
                throw new ArgumentException($"Slot {slot} is held; remove it first.", nameof(slot));
            }

            var row = _freeRows.TryPeek(out var free) ? free : _rows;
            _vectors.Ensure(row);
            _slots.Ensure(row, slot);
            vector.CopyTo(_vectors[row]);
            _slots.Hold(row, slot);
            if (row == _rows)
            {
                Volatile.Write(ref _rows, row + 1);
            }
            else
            {
                _freeRows.Pop();
            }
        }
    }

    /// <inheritdoc />
    public bool Remove(int slot)
    {
        using var use = _gate.Enter();
        lock (_writing)
        {
            var row = _slots.Release(slot);
            if (row >= 0)
            {
                _freeRows.Push(row);
            }

            return row >= 0;
        }
    }

    /// <inheritdoc />
    public bool Contains(int slot) => _slots.RowOf(slot) >= 0;

    /// <inheritdoc />
    public float Score(ReadOnlySpan<float> query, int slot)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        using var use = _gate.Enter();
        var row = _slots.RowOf(slot);
        return row >= 0 && ExactScan.TryScore(query, _vectors, _slots, row, out var neighbor) && neighbor.Slot == slot
            ? neighbor.Score
            : throw new ArgumentException($"Slot {slot} is not held.", nameof(slot));
    }

    /// <inheritdoc />
    public int Search(ReadOnlySpan<float> query, in VectorSearchParameters parameters, Span<Neighbor> results, CancellationToken cancellationToken = default)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        using var use = _gate.Enter();
        return results.IsEmpty ? 0 : ExactScan.Search(query, _vectors, _slots, Volatile.Read(ref _rows), parameters.Allowed, results, cancellationToken);
    }

    /// <inheritdoc />
    public IVectorSearchCursor OpenCursor(ReadOnlySpan<float> query, in VectorSearchParameters parameters)
    {
        VectorArgument.Check(query, Dimension, nameof(query));
        return new WideningCursor(this, query, parameters);
    }

    /// <summary>Frees the memory when the searches that are under way have ended; new ones are refused.</summary>
    public void Dispose() => _gate.Close();
}
