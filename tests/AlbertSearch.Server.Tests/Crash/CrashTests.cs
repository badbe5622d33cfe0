using AlbertSearch.Testing;
using AlbertSearch.Testing.Crash;

namespace AlbertSearch.Server.Tests.Crash;

public class CrashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2, "--AlbertSearch:Index:Kind", "hnsw", "--AlbertSearch:Index:ExactBelow", "20", "--AlbertSearch:Queue:MaxDocuments", "80")]
    public async Task Server_killed_twenty_times_under_load_keeps_what_it_acknowledged(int seed, params string[] serverArguments)
    {
        using var folder = new TemporaryFolder();
        var harness = new CrashHarness(folder.File("index-data"), seed, serverArguments);

        await harness.RunAsync(kills: 20, mostAnswers: 30);

        Assert.Equal(20, harness.Kills);
        Assert.True(harness.Acknowledged > 100, $"only {harness.Acknowledged} requests were acknowledged: the harness hardly tried");
        Assert.True(harness.KillsByPlace.Count > 2, $"kills fell only here: {string.Join(", ", harness.KillsByPlace)}");
    }
}
