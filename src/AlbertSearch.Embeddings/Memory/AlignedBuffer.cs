using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AlbertSearch.Embeddings.Memory;

/// <summary>
/// Zeroed memory outside the managed heap that starts on a cache line (64 bytes), so that full-width vector loads never
/// straddle two lines and kernels need not pin. The owner disposes it only when no kernel can still be running on it.
/// </summary>
/// <typeparam name="T">An unmanaged element.</typeparam>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const nuint Alignment = 64;

    private T* _pointer;

    /// <summary>Takes the memory.</summary>
    /// <param name="length">Elements, at least 0.</param>
    /// <exception cref="OutOfMemoryException">The system has not that much.</exception>
    public AlignedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var bytes = checked((nuint)length * (nuint)sizeof(T));
        _pointer = (T*)NativeMemory.AlignedAlloc(Math.Max(bytes, Alignment), Alignment);
        NativeMemory.Clear(_pointer, bytes);
        Length = length;
    }

    /// <summary>Gives the memory back when the owner forgot to.</summary>
    ~AlignedBuffer() => Free();

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>Where the memory starts, for checking the alignment.</summary>
    public nint Address => (nint)_pointer;

    /// <summary>All elements.</summary>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return new Span<T>(_pointer, Length);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
