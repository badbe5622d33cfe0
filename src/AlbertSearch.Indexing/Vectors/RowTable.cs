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
    private readonly int _stride;
    private readonly Func<long, MemoryBlock> _allocate;

    // In the order of the rows; each a whole number of chunks.
    private readonly List<MemoryBlock> _blocks = [];
    private nint[] _chunks = [];
    private int _made;

    /// <summary>Makes an empty table.</summary>
    /// <param name="length">Elements a row.</param>
    /// <param name="elementBytes">Bytes an element.</param>
    /// <param name="allocate">Makes a chunk of so many bytes; null for the process's memory.</param>
    public RowTable(int length, int elementBytes, Func<long, MemoryBlock>? allocate = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        _allocate = allocate ?? NativeBuffer.Allocate;
        _stride = checked((length * elementBytes) + CacheLine - 1) / CacheLine * CacheLine;
        _shift = BitOperations.Log2((uint)Math.Max(1, ChunkBytes / _stride));
    }

    /// <summary>Elements a row.</summary>
    public int Length { get; }

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride => _stride;

    /// <summary>Rows in a chunk.</summary>
    public int ChunkRows => 1 << _shift;

    /// <summary>Rows that there is memory for.</summary>
    public int Capacity => Volatile.Read(ref _chunks).Length << _shift;

    /// <summary>Bytes allocated.</summary>
    public long Bytes => (long)Volatile.Read(ref _chunks).Length * _stride << _shift;

    /// <summary>Where the rows lie that there is memory for now.</summary>
    public RowAddresses Addresses => new(Volatile.Read(ref _chunks), _shift, _stride);

    /// <summary>A row below <see cref="Capacity"/>.</summary>
    public Span<T> this[int row] => Rows.At<T>(Addresses, row, Length);

    /// <summary>The bytes of rows that lie in one chunk, strides whole.</summary>
    public Span<byte> RawRows(int first, int count)
    {
        if (count < 0 || (first & (ChunkRows - 1)) + count > ChunkRows)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "The rows lie in more than one chunk.");
        }

        return count == 0 ? [] : Rows.At<byte>(Addresses, first, checked(count * _stride));
    }

    /// <summary>Makes zeroed memory for rows up to this one. Writers only.</summary>
    /// <exception cref="OutOfMemoryException">The system has none left; the table is unchanged.</exception>
    public void Ensure(int row)
    {
        while (row >> _shift >= _chunks.Length)
        {
            var chunk = _allocate(ChunkLength);
            _blocks.Add(chunk);
            Volatile.Write(ref _chunks, [.. _chunks, chunk.Address]);
        }

        // Row by row, so that what is not used is not touched either and costs no memory.
        for (; _made <= row; _made++)
        {
            Rows.At<byte>(Addresses, _made, _stride).Clear();
        }
    }

    /// <summary>
    /// Lets the first rows lie in another block, which has them already. Writers only; readers see one memory or the other.
    /// </summary>
    /// <param name="block">Whole chunks, at least as many as an earlier call's. The table owns it from now on.</param>
    /// <returns>What the rows lay in: to be disposed of once no reader is left that may have seen it.</returns>
    /// <exception cref="ArgumentException">It is not a whole number of chunks, or has fewer than an earlier one.</exception>
    public IReadOnlyList<MemoryBlock> MoveFirstRows(MemoryBlock block)
    {
        var left = block.Length;
        var replaced = 0;
        for (; replaced < _blocks.Count && _blocks[replaced].Length <= left; replaced++)
        {
            left -= _blocks[replaced].Length;
        }

        if (block.Length % ChunkLength != 0 || (left > 0 && replaced < _blocks.Count))
        {
            throw new ArgumentException($"{block.Length} bytes don't cover whole chunks of {ChunkLength}.", nameof(block));
        }

        var count = (int)(block.Length / ChunkLength);
        var chunks = new nint[Math.Max(count, _chunks.Length)];
        _chunks.CopyTo(chunks, 0);
        for (var chunk = 0; chunk < count; chunk++)
        {
            chunks[chunk] = block.Address + (nint)(chunk * ChunkLength);
        }

        List<MemoryBlock> freed = _blocks[..replaced];
        _blocks.RemoveRange(0, replaced);
        _blocks.Insert(0, block);
        _made = Math.Max(_made, count << _shift);
        Volatile.Write(ref _chunks, chunks);
        return freed;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            block.Dispose();
        }
    }

    private long ChunkLength => (long)_stride << _shift;
}
