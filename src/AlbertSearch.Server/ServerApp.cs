using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.Compat.PaddleHub;
using AlbertSearch.Server.Configuration;
using AlbertSearch.Server.Endpoints;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;

namespace AlbertSearch.Server;

/// <summary>Builds the web application; tests start the same one on a port of the system's choice.</summary>
public static class ServerApp
{
    /// <summary>Where the server listens when nothing else is configured.</summary>
    public const string DefaultUrl = "http://localhost:8866";

    /// <summary>Runs the server until it is stopped.</summary>
    /// <param name="args">Command-line arguments.</param>
    /// <returns>The exit code: 0 after a stop that was asked for, 1 when it could not start; standard error says why then.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(args);
            var engines = app.Services.GetRequiredService<AlbertSearchEngineProvider>();
            try
            {
                await app.RunAsync();
            }
            catch (OperationCanceledException)
            {
                // Stopped while the web server was starting: by a signal, or because the engine can't be opened.
            }

            if (engines.StartupError is not { } failure)
            {
                return 0;
            }

            await Console.Error.WriteLineAsync($"AlbertSearch can't start. {StartupFailure.Describe(failure) ?? failure.ToString()}");
        }
        catch (Exception error) when (StartupFailure.Describe(error) is not null)
        {
            await Console.Error.WriteLineAsync($"AlbertSearch can't start. {StartupFailure.Describe(error)}");
        }

        return 1;
    }

    /// <summary>Configures services and routes.</summary>
    /// <param name="args">Command-line arguments, read as configuration (<c>--AlbertSearch:IndexData DIR</c>).</param>
    public static WebApplication Build(string[] args)
    {
        // Otherwise a gzip body that is cut off looks like one that ends there.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Settings are read once; watching a whole folder for changes is not free.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
            ContentRootPath = SettingsFile.FindFolder(Directory.GetCurrentDirectory(), AppContext.BaseDirectory),
        });
        AddServices(builder, SettingsReader.Read(builder.Configuration));

        var app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.Use(HeadRequests.AnswerAsGetAsync);
        app.UseRouting();
        app.UseRateLimiter();
        MapRoutes(app);
        return app;
    }

    private static void AddServices(WebApplicationBuilder builder, ServerOptions options)
    {
        if (!ListenSettings.AreThere(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Bodies are bounded where they are read: NDJSON has no bound as a whole, and the error names the limit.
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        // Both log why a start failed; RunAsync tells it, too, on standard error, and once is enough.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("AlbertSearch.Hosting.EngineHostedService", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.TimeToFinish);
        builder.Services.AddSingleton(options);
        builder.Services.AddAlbertSearch(engine =>
        {
            engine.BaseFolder = Path.GetFullPath(
                builder.Configuration[$"{AlbertSearchOptions.SectionName}:{nameof(engine.BaseFolder)}"] ?? ".",
                builder.Environment.ContentRootPath);
            if (builder.Configuration[$"{AlbertSearchOptions.SectionName}:{nameof(engine.Queue)}:{nameof(engine.Queue.StopTimeout)}"] is null)
            {
                engine.Queue.StopTimeout = options.TimeToFinish;
            }
        });
        builder.Services.AddSingleton<ModelGate>();
        builder.Services.AddSingleton<UploadKeys>();
        builder.Services.AddAdmission(options);
        builder.Services.AddApiDescription();
    }

    private static void MapRoutes(WebApplication app)
    {
        HealthEndpoints.Map(app);
        CollectionEndpoints.Map(app);
        PaddleHubEndpoints.Map(app);
        app.MapOpenApi();
        foreach (var prefix in new[] { "", $"/collections/{{{EngineAccess.CollectionRouteValue}}}" })
        {
            var routes = app.MapGroup(prefix).AddEndpointFilter(EngineAccess.RequireCollectionAsync);
            IndexEndpoints.Map(routes);
            SearchEndpoints.Map(routes);
            DocumentEndpoints.Map(routes);
            DeletionEndpoints.Map(routes);
            ExportEndpoints.Map(routes);
            EmbedEndpoints.Map(routes);
            TokenizeEndpoints.Map(routes);
            SimilarityEndpoints.Map(routes);
            OperationEndpoints.Map(routes);
        }
    }
}
