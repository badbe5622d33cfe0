using System.Runtime.InteropServices;

namespace AlbertSearch.Indexing.Memory;

/// <summary>
/// Memory of the process: it begins at a huge page's edge when it is large, and asks Linux for huge pages,
/// because a graph walk touches pages at random and would otherwise spend its time on address translation.
/// </summary>
internal sealed unsafe partial class NativeBuffer : MemoryBlock
{
    private const int CacheLine = 64;
    private const int HugePage = 2 << 20;
    private const int AdviseHugePage = 14;
    private const int AdviseNotNeeded = 4;

    private NativeBuffer(void* pointer, long bytes)
        : base(bytes)
        => SetHandle((nint)pointer);

    /// <summary>Allocates bytes of any value.</summary>
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

        return new NativeBuffer(pointer, bytes);
    }

    /// <inheritdoc />
    protected override bool ReleaseHandle()
    {
        if (Length >= HugePage && OperatingSystem.IsLinux())
        {
            // The allocator may keep what is freed between two blocks in use; its pages go back to the system all the same.
            _ = Advise(handle, (nuint)(Length / Environment.SystemPageSize * Environment.SystemPageSize), AdviseNotNeeded);
        }

        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
