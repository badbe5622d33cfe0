using System.Numerics;

namespace AlbertSearch.Indexing.Vectors;

/// <summary>
/// An array that grows without moving its elements, so that readers need no lock: chunks of a fixed size, allocated when first written.
/// One writer at a time; any number of readers beside it.
/// </summary>
/// <typeparam name="T">Of a size that the processor writes in one piece, when readers run beside the writer.</typeparam>
internal sealed class ChunkedArray<T>
    where T : unmanaged
{
    private const int ChunkShift = 10;
    private const int ChunkLength = 1 << ChunkShift;
    private static readonly int ElementBytes = System.Runtime.InteropServices.Marshal.SizeOf<T>();

    private readonly T _initial;
    private T[]?[] _chunks = [];

    /// <summary>Makes an empty array.</summary>
    /// <param name="initial">What elements hold that were never written.</param>
    public ChunkedArray(T initial = default) => _initial = initial;

    /// <summary>Bytes allocated.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads an element; one that was never written has the initial value.</summary>
    public T Read(int index)
    {
        var chunks = Volatile.Read(ref _chunks);
        var chunk = index >> ChunkShift;
        return (uint)chunk < (uint)chunks.Length && Volatile.Read(ref chunks[chunk]) is { } elements
            ? elements[index & (ChunkLength - 1)]
            : _initial;
    }

    /// <summary>An element that was made by <see cref="Ensure"/>.</summary>
    public ref T this[int index] => ref Volatile.Read(ref _chunks)[index >> ChunkShift]![index & (ChunkLength - 1)];

    /// <summary>Makes an element, and its chunk when need be. Writers only.</summary>
    public ref T Ensure(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var chunk = index >> ChunkShift;
        if (chunk >= _chunks.Length)
        {
            var grown = new T[]?[BitOperations.RoundUpToPowerOf2((uint)chunk + 1)];
            _chunks.CopyTo(grown, 0);
            Volatile.Write(ref _chunks, grown);
        }

        if (_chunks[chunk] is null)
        {
            var elements = new T[ChunkLength];
            Array.Fill(elements, _initial);
            Volatile.Write(ref _chunks[chunk], elements);
            Bytes += ChunkLength * (long)ElementBytes;
        }

        return ref _chunks[chunk]![index & (ChunkLength - 1)];
    }
}
