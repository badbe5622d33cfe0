using System.Diagnostics;
using System.Globalization;

namespace AlbertSearch.Benchmarks.Index;

/// <summary>Bytes of this process that lie in memory.</summary>
/// <param name="Anonymous">Its own: nothing but swap could take them.</param>
/// <param name="File">Pages of mapped files, which the system takes back when it needs memory.</param>
internal readonly record struct ResidentMemory(long Anonymous, long File)
{
    /// <summary>What is resident now, after garbage was collected.</summary>
    public static ResidentMemory Now()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
        {
            return new(Process.GetCurrentProcess().WorkingSet64, 0);
        }

        var lines = System.IO.File.ReadAllLines("/proc/self/status");
        return new(Kilobytes("RssAnon:") << 10, Kilobytes("RssFile:") << 10);

        long Kilobytes(string name) =>
            long.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
