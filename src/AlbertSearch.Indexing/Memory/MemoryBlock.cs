using System.Runtime.InteropServices;

namespace AlbertSearch.Indexing.Memory;

/// <summary>Bytes outside the managed heap that never move: allocated or mapped from a file. Disposing frees them; the owner sees to it that nobody reads by then.</summary>
/// <param name="length">Bytes.</param>
internal abstract unsafe class MemoryBlock(long length) : SafeHandle(0, ownsHandle: true)
{
    /// <summary>Bytes.</summary>
    public long Length { get; } = length;

    /// <inheritdoc />
    public override bool IsInvalid => handle == 0;

    /// <summary>Where the bytes begin.</summary>
    public nint Address => handle;

    /// <summary>Part of the memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches beyond the memory.</exception>
    public Span<T> Slice<T>(long byteOffset, int length)
        where T : unmanaged
    {
        if (byteOffset < 0 || length < 0 || byteOffset > Length - ((long)length * sizeof(T)))
        {
            throw new ArgumentOutOfRangeException(nameof(byteOffset));
        }

        return new Span<T>((byte*)handle + byteOffset, length);
    }
}
