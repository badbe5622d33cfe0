using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AlbertSearch.Indexing.Persistence;

/// <summary>Makes a rename durable: on POSIX systems a file's new name is on the disk when its folder was flushed (fsync(2)).</summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    /// <summary>Waits until the names in a folder are on the disk. Does nothing on Windows, which has no such call.</summary>
    /// <exception cref="IOException">The folder can't be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = new SafeFileHandle(Open(folder, ReadOnly), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw new IOException($"The folder '{folder}' can't be opened to flush it: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
