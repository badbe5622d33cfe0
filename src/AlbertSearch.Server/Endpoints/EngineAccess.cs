using AlbertSearch.Collections;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Endpoints;

/// <summary>What endpoints take the engine and the collection of a request from.</summary>
internal static class EngineAccess
{
    /// <summary>The route value that names a collection.</summary>
    public const string CollectionRouteValue = "collection";

    /// <summary>The engine.</summary>
    /// <exception cref="ProblemException">It is still being opened, or is being closed.</exception>
    public static AlbertSearchEngine Require(this AlbertSearchEngineProvider provider) => provider.TryGet(out var engine)
        ? engine
        : throw new ProblemException(ErrorCodes.NotReady, "The server is starting or stopping; /health/ready tells when it can search.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The collection that the route names; the default one when it names none.</summary>
    public static string CollectionOf(HttpContext context) => context.Request.RouteValues[CollectionRouteValue] as string ?? CollectionInfo.DefaultName;

    /// <summary>Refuses routes below a collection that doesn't exist.</summary>
    public static async ValueTask<object?> RequireCollectionAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var collection = CollectionOf(http);
        if (collection != CollectionInfo.DefaultName)
        {
            var engine = http.RequestServices.GetRequiredService<AlbertSearchEngineProvider>().Require();
            await engine.GetCollectionAsync(collection, http.RequestAborted);
        }

        return await next(context);
    }
}
