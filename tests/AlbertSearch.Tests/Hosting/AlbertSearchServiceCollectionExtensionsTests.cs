using AlbertSearch.Errors;
using AlbertSearch.Search;
using AlbertSearch.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AlbertSearch.Tests.Hosting;

public sealed class AlbertSearchServiceCollectionExtensionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Host_gives_an_engine_by_the_configuration_and_closes_it()
    {
        using (var host = Build(("Limits:K", "7")))
        {
            var provider = host.Services.GetRequiredService<AlbertSearchEngineProvider>();
            Assert.False(provider.TryGet(out _));
            await host.StartAsync();
            var engine = await provider.GetAsync();
            Assert.True(provider.TryGet(out var same));
            Assert.Same(engine, same);
            Assert.Null(provider.StartupError);
            await engine.IndexAsync([TestEngine.Document("a", "red cat")]);
            await Assert.ThrowsAsync<InvalidRequestException>(() => engine.SearchAsync(new SearchRequest { Query = "x", K = 8 }));
            await host.StopAsync();
            Assert.False(provider.TryGet(out _));
        }

        // The folder is free again.
        using var second = Build();
        await second.StartAsync();
        var again = await second.Services.GetRequiredService<AlbertSearchEngineProvider>().GetAsync();
        Assert.NotNull(await again.FindDocumentAsync("a"));
        await second.StopAsync();
    }

    [Fact]
    public async Task Wrong_setting_stops_the_start()
    {
        using var host = Build(("Queue:MaxAttempts", "0"));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("AlbertSearch:Queue:MaxAttempts is '0'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_can_not_be_loaded_stops_the_host_with_exit_code_1()
    {
        var exitCode = Environment.ExitCode;
        try
        {
            using var host = Build(("Model", "nothing"));
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
            await host.StartAsync();
            await stopping.Task.WaitAsync(TimeSpan.FromSeconds(60));
            var provider = host.Services.GetRequiredService<AlbertSearchEngineProvider>();

            Assert.Contains("nothing", provider.StartupError!.Message, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<Exception>(() => provider.GetAsync());
            Assert.Equal(1, Environment.ExitCode);
            await host.StopAsync();
        }
        finally
        {
            Environment.ExitCode = exitCode;
        }
    }

    private IHost Build(params (string Setting, string Value)[] settings)
    {
        if (!Directory.Exists(_folder.File("small")))
        {
            SmallModel.Write(_folder);
        }

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["AlbertSearch:BaseFolder"] = _folder.Path, ["AlbertSearch:Model"] = "small", ["AlbertSearch:Threads"] = "1" });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => $"AlbertSearch:{setting.Setting}", setting => (string?)setting.Value));
        builder.Services.AddAlbertSearch();
        return builder.Build();
    }
}
