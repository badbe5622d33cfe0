using AlbertSearch.Search;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /search</c>: documents are found by meaning.</summary>
internal static class SearchEndpoints
{
    private const string After = "after";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/search", SearchAsync)
            .RequireRateLimiting(Admission.Queries)
            .WithTags("Search")
            .WithSummary("Find documents by meaning")
            .WithDescription("Exactly one of query and vector. A query that is an array gets {\"results\":[…]}, one for each of its texts.")
            .Takes(RequestExamples.Search, "application/json", RequestSchemas.Search)
            .TakesQuery(After, "string", "An operation: search when it is searchable.")
            .Produces<SearchResponse>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task SearchAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var started = time.GetTimestamp();
        var engine = engines.Require();
        var collection = EngineAccess.CollectionOf(context);
        var after = QueryParameters.Of(context.Request, After).Text(After);
        var body = await ReadAsync(context, engine);
        if (after is not null)
        {
            await OperationWait.UntilEndedAsync(engine, after, lifetime.ApplicationStopping, context.RequestAborted);
        }

        var include = body.Requests[0].Include;
        if (body.Several)
        {
            var results = await engine.SearchAsync(body.Requests, collection, context.RequestAborted);
            var answer = new SearchListResponse(
                [.. results.Select(result => new SearchListResponse.QueryHits(Hits(result, include), result.TruncatedTokens))],
                Took());
            await context.Response.WriteJsonAsync(answer, WireJson.Relaxed.SearchListResponse);
        }
        else
        {
            var result = await engine.SearchAsync(body.Requests[0], collection, context.RequestAborted);
            await context.Response.WriteJsonAsync(new SearchResponse(Hits(result, include), Took(), result.TruncatedTokens), WireJson.Relaxed.SearchResponse);
        }

        double Took() => Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3);
    }

    private static async Task<SearchBody> ReadAsync(HttpContext context, AlbertSearchEngine engine)
    {
        using var body = await RequestBody.ReadJsonAsync(context, engine.Options.Limits.JsonBodyBytes);
        return SearchBody.Parse(body.Bytes, engine.Options.Limits);
    }

    private static IReadOnlyList<HitResponse> Hits(SearchResult result, HitParts include) => [.. result.Hits.Select(hit => HitResponse.Of(hit, include))];
}
