using System.Globalization;
using System.Runtime.Versioning;

namespace AlbertSearch.Testing;

/// <summary>What of a process lies in memory, in bytes, as the kernel counts it.</summary>
/// <param name="Resident">Now.</param>
/// <param name="Peak">The most since it started.</param>
public readonly record struct ProcessMemory(long Resident, long Peak)
{
    /// <summary>Reads it.</summary>
    /// <param name="processId">A process that is running.</param>
    [SupportedOSPlatform("linux")]
    public static ProcessMemory Of(int processId)
    {
        var lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"));
        return new ProcessMemory(Bytes("VmRSS:"), Bytes("VmHWM:"));

        long Bytes(string name) =>
            long.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) << 10;
    }
}
