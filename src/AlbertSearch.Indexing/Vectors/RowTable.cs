using System.Numerics;
using AlbertSearch.Indexing.Memory;

namespace AlbertSearch.Indexing.Vectors;

/// <summary>
/// Rows of one length in chunks of aligned memory: it grows without copying, so that readers need no lock. A row is a whole number of
/// cache lines apart from the next. One writer at a time makes rows; who may write one is the caller's affair.
/// </summary>
/// <typeparam name="T">Element of a row.</typeparam>
internal sealed class RowTable<T> : IDisposable
    where T : unmanaged
{
    private const int CacheLine = 64;
    private const int ChunkBytes = 4 << 20;

    private readonly int _shift;
    private readonly int _mask;
    private readonly int _stride;
    private NativeBuffer[] _chunks = [];

    /// <summary>Makes an empty table.</summary>
    /// <param name="length">Elements a row.</param>
    /// <param name="elementBytes">Bytes an element.</param>
    public RowTable(int length, int elementBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        _stride = checked((length * elementBytes) + CacheLine - 1) / CacheLine * CacheLine;
        _shift = BitOperations.Log2((uint)Math.Max(1, ChunkBytes / _stride));
        _mask = (1 << _shift) - 1;
    }

    /// <summary>Elements a row.</summary>
    public int Length { get; }

    /// <summary>Rows that there is memory for.</summary>
    public int Capacity => Volatile.Read(ref _chunks).Length << _shift;

    /// <summary>Bytes allocated.</summary>
    public long Bytes => (long)Volatile.Read(ref _chunks).Length * _stride << _shift;

    /// <summary>A row below <see cref="Capacity"/>.</summary>
    public Span<T> this[int row] => Volatile.Read(ref _chunks)[row >> _shift].Slice<T>((long)(row & _mask) * _stride, Length);

    /// <summary>Makes memory for rows up to this one. Writers only.</summary>
    /// <exception cref="OutOfMemoryException">The system has none left; the table is unchanged.</exception>
    public void Ensure(int row)
    {
        var needed = (row >> _shift) + 1;
        if (needed <= _chunks.Length)
        {
            return;
        }

        var grown = new NativeBuffer[needed];
        _chunks.CopyTo(grown, 0);
        for (var i = _chunks.Length; i < needed; i++)
        {
            grown[i] = NativeBuffer.Allocate((long)_stride << _shift);
        }

        Volatile.Write(ref _chunks, grown);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var chunk in _chunks)
        {
            chunk.Dispose();
        }
    }
}
