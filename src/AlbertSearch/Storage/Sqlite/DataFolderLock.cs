using System.Globalization;
using AlbertSearch.Errors;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Keeps a second process out of a data folder. The lock is held on <c>albertsearch.lock</c> for as long as the process
/// lives, however it ends; who holds it is written beside, because a locked file can't be read everywhere.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string LockName = "albertsearch.lock";
    private const string HolderName = "albertsearch.lock.holder";

    private readonly FileStream _file;

    private DataFolderLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StorageUnavailableException">Another process has it, or the folder can't be written to.</exception>
    public static DataFolderLock Take(string folder, TimeProvider time)
    {
        var path = Path.Combine(folder, LockName);
        var holderPath = Path.Combine(folder, HolderName);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StorageUnavailableException($"The data folder '{folder}' can't be written to: {error.Message} Give the process write access, or set AlbertSearch:IndexData to another folder.", error);
        }
        catch (IOException error) when (!IsHeld(error))
        {
            throw new StorageUnavailableException($"The data folder '{folder}' can't be written to: {error.Message}", error);
        }
        catch (IOException error)
        {
            throw new StorageUnavailableException($"The data folder '{folder}' is in use{DescribeHolder(holderPath)}. Stop that process, or set AlbertSearch:IndexData to another folder. ({error.Message})", error);
        }

        try
        {
            var since = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            File.WriteAllText(holderPath, $"process {Environment.ProcessId} on {Environment.MachineName} since {since}");
            return new DataFolderLock(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw new StorageUnavailableException($"The data folder '{folder}' can't be written to: {error.Message}", error);
        }
    }

    // The files stay: deleting a lock file lets two processes lock two files of one name.
    public void Dispose() => _file.Dispose();

    // EWOULDBLOCK of flock (11 on Linux, 35 on macOS); ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows. Anything else is the disk's.
    private static bool IsHeld(IOException error) => OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 32 or 33 : error.HResult is 11 or 35;

    private static string DescribeHolder(string holderPath)
    {
        try
        {
            var holder = File.ReadAllText(holderPath).Trim();
            return holder.Length is > 0 and < 512 ? $" by {holder}" : " by another process";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $" by another process (who, can't be read: {error.Message})";
        }
    }
}
