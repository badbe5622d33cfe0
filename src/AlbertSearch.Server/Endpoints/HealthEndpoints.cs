using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>/health</c>: for orchestrators and scripts.</summary>
internal static class HealthEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", (HttpResponse response) => response.WriteJsonAsync(new HealthResponse("live"), WireJson.Relaxed.HealthResponse))
            .WithTags("Health")
            .WithSummary("Whether the process answers")
            .Produces<HealthResponse>();

        routes.MapGet("/health/ready", (HttpContext context, AlbertSearchEngineProvider engines) =>
            {
                _ = engines.Require();
                return context.Response.WriteJsonAsync(new HealthResponse("ready"), WireJson.Relaxed.HealthResponse);
            })
            .WithTags("Health")
            .WithSummary("Whether it can search")
            .Produces<HealthResponse>()
            .ProducesProblems(503);
    }
}
