using System.Net;

namespace AlbertSearch.Server.Configuration;

/// <summary>The web server's own settings of where to listen.</summary>
internal static class ListenSettings
{
    private const string Urls = "urls";

    private static readonly string[] Names = [Urls, "http_ports", "https_ports"];

    /// <summary>Whether there is one.</summary>
    public static bool AreThere(IConfiguration configuration) =>
        Array.Exists(Names, name => !string.IsNullOrEmpty(configuration[name])) || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    /// <summary>Faults of <c>urls</c>.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration)
    {
        foreach (var url in (configuration[Urls] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsUrl(url))
            {
                yield return $"{Urls} holds '{url}'; allowed: http://HOST:PORT, several separated by ';'.";
            }
        }
    }

    private static bool IsUrl(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
