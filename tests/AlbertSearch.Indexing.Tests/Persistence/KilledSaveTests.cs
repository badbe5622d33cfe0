using System.Diagnostics;
using System.Globalization;
using AlbertSearch.Indexing.Hnsw;
using AlbertSearch.Testing;

namespace AlbertSearch.Indexing.Tests.Persistence;

public sealed class KilledSaveTests : IDisposable
{
    private const int KillsInsideASave = 4;
    private const int MostKills = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The temporary file that a killed process leaves shows that it was killed inside a save.</summary>
    [Fact]
    public async Task Save_killed_at_any_moment_leaves_the_old_file_or_the_new_one()
    {
        var path = _folder.File("index");
        var random = new Random(1);
        var inside = 0;
        for (var kill = 0; inside < KillsInsideASave; kill++)
        {
            Assert.True(kill < MostKills, $"only {inside} of {kill} kills fell inside a save");
            var acknowledged = await KillAfterSavesAsync(path, random.Next(1, 4), random);
            inside += File.Exists(path + ".tmp") ? 1 : 0;
            var (index, info) = HnswIndex.Load(path);
            using (index)
            {
                index.VerifyVectors();
                Assert.InRange(info.AppliedSequence, acknowledged, acknowledged + 1);
                Assert.Equal(info.AppliedSequence + 1, index.Count);
                for (var slot = 0; slot < index.Count; slot += 97)
                {
                    Assert.Equal(1f, index.Score(SavingProcess.VectorOf(slot), slot), 1e-4f);
                }

                Assert.Equal(1f, index.Score(SavingProcess.VectorOf(index.Count - 1), index.Count - 1), 1e-4f);
            }
        }
    }

    /// <returns>The sequence number of the last save that was acknowledged.</returns>
    private static async Task<long> KillAfterSavesAsync(string path, int saves, Random random)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(SavingProcess).Assembly.Location, path]) { RedirectStandardOutput = true })!;
        long acknowledged = -1;
        for (; saves > 0; saves--)
        {
            acknowledged = Parse(await process.StandardOutput.ReadLineAsync(limit.Token));
        }

        // Somewhere in the next save, whose temporary file is there from its beginning to its end.
        while (!File.Exists(path + ".tmp"))
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        Thread.SpinWait(random.Next(100_000));
        process.Kill();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { Length: > 0 } line)
        {
            acknowledged = Parse(line);
        }

        await process.WaitForExitAsync(limit.Token);
        return acknowledged;
    }

    private static long Parse(string? line) => long.Parse(line ?? throw new InvalidOperationException("The process ended by itself."), CultureInfo.InvariantCulture);
}
