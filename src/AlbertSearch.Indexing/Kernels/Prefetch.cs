using System.Runtime.Intrinsics.X86;

namespace AlbertSearch.Indexing.Kernels;

/// <summary>Asks for memory that will be read soon. Nothing where the processor has no such instruction, or the address is not mapped.</summary>
internal static unsafe class Prefetch
{
    private const int CacheLine = 64;

    /// <summary>Asks for the lines of a row.</summary>
    public static void Row(nint address, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (var i = 0; i < bytes; i += CacheLine)
            {
                Sse.Prefetch0((byte*)address + i);
            }
        }
    }
}
