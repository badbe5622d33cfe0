using System.Runtime.InteropServices;

namespace AlbertSearch.Indexing.Memory;

/// <summary>
/// Zeroed memory outside the managed heap: it never moves, begins at a huge page's edge when it is large, and asks Linux for huge pages,
/// because a graph walk touches pages at random and would otherwise spend its time on address translation.
/// Freed by <see cref="SafeHandle.Dispose()"/>; the owner sees to it that nobody reads by then.
/// </summary>
internal sealed unsafe partial class NativeBuffer : SafeHandle
{
    private const int CacheLine = 64;
    private const int HugePage = 2 << 20;
    private const int AdviseHugePage = 14;

    private NativeBuffer(void* pointer, long bytes)
        : base(0, ownsHandle: true)
    {
        SetHandle((nint)pointer);
        Length = bytes;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <inheritdoc />
    public override bool IsInvalid => handle == 0;

    /// <summary>Allocates zeroed bytes.</summary>
    /// <exception cref="OutOfMemoryException">The system has none left.</exception>
    public static NativeBuffer Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var large = bytes >= HugePage;
        var pointer = NativeMemory.AlignedAlloc((nuint)bytes, large ? HugePage : (nuint)CacheLine);
        if (large && OperatingSystem.IsLinux())
        {
            // Advice: a refusal costs speed alone.
            _ = Advise((nint)pointer, (nuint)bytes, AdviseHugePage);
        }

        NativeMemory.Clear(pointer, (nuint)bytes);
        return new NativeBuffer(pointer, bytes);
    }

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

    /// <inheritdoc />
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
