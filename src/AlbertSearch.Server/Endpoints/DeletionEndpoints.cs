using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /documents/delete</c>: many documents go, by their ids or by a filter.</summary>
internal static class DeletionEndpoints
{
    private const string Wait = "wait";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/documents/delete", DeleteAsync)
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Delete documents by ids or by a filter")
            .WithDescription("Exactly one of ids and filter. dryRun counts what a filter would delete, and is answered 200 {\"documents\":n,\"dryRun\":true}.")
            .Takes(RequestExamples.Deletion, "application/json", RequestSchemas.Deletion)
            .TakesQuery(Wait, "boolean", "Answer when they are gone, rather than when the deletion is accepted.")
            .Produces<IndexAccepted>(StatusCodes.Status202Accepted)
            .Produces<DeletionCompleted>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task DeleteAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime)
    {
        var engine = engines.Require();
        var collection = EngineAccess.CollectionOf(context);
        var wait = QueryParameters.Of(context.Request, Wait).Flag(Wait);
        var body = await ReadAsync(context, engine.Options.Limits);
        if (body.DryRun)
        {
            var count = await engine.CountDocumentsAsync(body.Filter!, collection, context.RequestAborted);
            await context.Response.WriteJsonAsync(new DeletionCount(count), WireJson.Relaxed.DeletionCount);
            return;
        }

        var operation = body.Ids is { } ids
            ? await engine.DeleteDocumentsAsync(ids, collection, context.RequestAborted)
            : await engine.DeleteDocumentsAsync(body.Filter!, collection, context.RequestAborted);
        if (!wait)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.Headers.Location = $"/operations/{operation.Id}";
            await context.Response.WriteJsonAsync(IndexAccepted.Of(operation), WireJson.Relaxed.IndexAccepted);
            return;
        }

        operation = await OperationWait.UntilCompletedAsync(engine, operation.Id, lifetime.ApplicationStopping, context.RequestAborted);
        await context.Response.WriteJsonAsync(DeletionCompleted.Of(operation), WireJson.Relaxed.DeletionCompleted);
    }

    private static async Task<DeletionBody> ReadAsync(HttpContext context, LimitOptions limits)
    {
        using var body = await RequestBody.ReadJsonAsync(context, limits.JsonBodyBytes);
        return DeletionBody.Parse(body.Bytes, limits);
    }
}
