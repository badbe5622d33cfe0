namespace AlbertSearch.Server;

/// <summary>Builds the web application; tests start the same one on a port of the system's choice.</summary>
public static class ServerApp
{
    /// <summary>Configures services and routes.</summary>
    /// <param name="args">Command-line arguments, read as configuration (<c>--AlbertSearch:IndexData DIR</c>).</param>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var app = builder.Build();
        app.MapGet("/health/live", () => Results.Ok());
        return app;
    }
}
