using System.Net.Http.Headers;
using System.Text;
using AlbertSearch.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AlbertSearch.Server.Tests;

/// <summary>The real server in this process, on a port of the system's choice, with the default model and a data folder of its own.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private RunningServer(string[] arguments)
    {
        _app = ServerApp.Build(["--urls", "http://127.0.0.1:0", "--AlbertSearch:IndexData", _folder.File("index-data"), "--Logging:LogLevel:Default", "Error", .. arguments]);
    }

    /// <summary>A client whose base address is the server's.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>The container.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server and waits until it can search.</summary>
    /// <param name="arguments">More arguments, such as <c>--AlbertSearch:Limits:K</c>, <c>5</c>.</param>
    public static async Task<RunningServer> StartAsync(params string[] arguments)
    {
        var server = new RunningServer(arguments);
        try
        {
            await server._app.StartAsync();
            var address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            server.Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
            await server._app.Services.GetRequiredService<AlbertSearchEngineProvider>().GetAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>GETs a route.</summary>
    public Task<ApiAnswer> GetAsync(string route) => SendAsync(HttpMethod.Get, route);

    /// <summary>DELETEs a route.</summary>
    public Task<ApiAnswer> DeleteAsync(string route) => SendAsync(HttpMethod.Delete, route);

    /// <summary>POSTs a text.</summary>
    public Task<ApiAnswer> PostAsync(string route, string body, string? contentType = "application/json") => PostAsync(route, Encoding.UTF8.GetBytes(body), contentType);

    /// <summary>POSTs bytes.</summary>
    public Task<ApiAnswer> PostAsync(string route, byte[] body, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return SendAsync(HttpMethod.Post, route, content);
    }

    /// <summary>Sends a request.</summary>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string route, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Client.BaseAddress!.AbsoluteUri.TrimEnd('/') + route, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await Client.SendAsync(request);
        return new ApiAnswer(
            answer.StatusCode,
            answer.Content.Headers.ContentType?.MediaType,
            answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase),
            await answer.Content.ReadAsStringAsync());
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
