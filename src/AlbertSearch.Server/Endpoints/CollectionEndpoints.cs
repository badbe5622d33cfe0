using AlbertSearch.Collections;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>/collections</c>: counters.</summary>
internal static class CollectionEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/collections", ListAsync)
            .WithTags("Collections")
            .WithSummary("List collections")
            .Produces<CollectionListResponse>()
            .ProducesProblems(400, 503);

        routes.MapGet("/collections/{name}", GetAsync)
            .WithTags("Collections")
            .WithSummary("A collection's counters")
            .Produces<CollectionResponse>()
            .ProducesProblems(400, 404, 503);
    }

    private static async Task ListAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        _ = QueryParameters.Of(context.Request);
        var collection = await engines.Require().GetCollectionAsync(CollectionInfo.DefaultName, context.RequestAborted);
        await context.Response.WriteJsonAsync(new CollectionListResponse([CollectionResponse.Of(collection)]), WireJson.Relaxed.CollectionListResponse);
    }

    private static async Task GetAsync(HttpContext context, AlbertSearchEngineProvider engines, string name)
    {
        _ = QueryParameters.Of(context.Request);
        var collection = await engines.Require().GetCollectionAsync(name, context.RequestAborted);
        await context.Response.WriteJsonAsync(CollectionResponse.Of(collection), WireJson.Relaxed.CollectionResponse);
    }
}
