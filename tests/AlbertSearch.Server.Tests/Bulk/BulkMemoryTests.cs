using System.Globalization;
using System.Net;
using System.Text.Json;
using AlbertSearch.Testing;
using AlbertSearch.Testing.Bulk;

namespace AlbertSearch.Server.Tests.Bulk;

/// <summary>The real process under a memory limit, with bodies that are larger than the limit. The resident memory is read on Linux alone.</summary>
public class BulkMemoryTests
{
    private const long HeapLimit = 200 << 20;
    private const long MostAboveIdle = 200 << 20;

    // A smaller body would show nothing: it would fit.
    private const long LeastBytes = HeapLimit + (HeapLimit / 10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_larger_than_the_heap_goes_in_and_memory_stays_flat(bool csv)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(
            folder.File("index-data"),
            [new("DOTNET_GCHeapHardLimit", HeapLimit.ToString("x", CultureInfo.InvariantCulture))],
            // Nothing has to wait for the encoder.
            "--AlbertSearch:Queue:MaxDocuments", "1000000",
            "--AlbertSearch:Threads", "1");
        var idle = OperatingSystem.IsLinux() ? ProcessMemory.Of(server.Id).Resident : 0;
        using var body = new GeneratedBody(csv, lines: 11_200);

        using var answer = await server.Client.PostAsync(new Uri("/index", UriKind.Relative), body);

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{answer.StatusCode}: {text}\n{server.Output}");
        Assert.True(body.Length > LeastBytes, $"The body had {body.Length} bytes: too few to show anything.");
        var accepted = JsonElement.Parse(text);
        Assert.Equal(body.GoodLines, accepted.GetProperty("documents").GetInt32());
        Assert.Equal(body.BadLines, accepted.GetProperty("failed").EnumerateArray().Select(failed => failed.GetProperty("line").GetInt64()));
        using var ready = await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.True(ready.IsSuccessStatusCode);
        if (OperatingSystem.IsLinux())
        {
            var peak = ProcessMemory.Of(server.Id).Peak;
            Assert.True(peak - idle < MostAboveIdle, $"{peak >> 20} MB at the peak, {idle >> 20} MB before.");
        }
    }
}
