using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>/operations</c>: how far writes are.</summary>
internal static class OperationEndpoints
{
    private const int DefaultPage = 100;

    private static readonly IReadOnlyDictionary<string, OperationState> States =
        Enum.GetValues<OperationState>().ToDictionary(OperationResponse.NameOf, StringComparer.Ordinal);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/operations", ListAsync)
            .WithTags("Operations")
            .WithSummary("List operations, newest first")
            .TakesQuery("key", "string", "Only that of this Idempotency-Key.")
            .TakesQuery("state", "string", $"Only those in this state: {string.Join(", ", States.Keys)}.")
            .TakesQuery("cursor", "string", "The next of the page before.")
            .TakesQuery("limit", "integer", $"Operations of a page; {DefaultPage} when absent.")
            .Produces<OperationListResponse>()
            .ProducesProblems(400, 404, 503);

        routes.MapGet("/operations/{id}", GetAsync)
            .WithTags("Operations")
            .WithSummary("How far an operation is")
            .Produces<OperationResponse>()
            .ProducesProblems(400, 404, 503);

        routes.MapDelete("/operations/{id}", CancelAsync)
            .WithTags("Operations")
            .WithSummary("Cancel what is not applied yet of an operation")
            .WithDescription("One that has ended stays as it is. The answer is the operation as it is then.")
            .Produces<OperationResponse>()
            .ProducesProblems(400, 404, 503);

        routes.MapGet("/operations/{id}/events", WatchAsync)
            .WithTags("Operations")
            .WithSummary("Progress of an operation as server-sent events")
            .WithDescription("An event progress for each change, with the operation as data, and an event end with it when it has ended.")
            .Produces<string>(contentType: "text/event-stream")
            .ProducesProblems(400, 404, 503);
    }

    private static async Task ListAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        if (context.Request.Query.ContainsKey("key"))
        {
            await ListByKeyAsync(context, engines);
            return;
        }

        var query = QueryParameters.Of(context.Request, "state", "cursor", "limit");
        OperationState? state = query.Text("state") switch
        {
            null => null,
            var text when States.TryGetValue(text, out var known) => known,
            var text => throw new ProblemException(ErrorCodes.InvalidValue, $"The query parameter 'state' must be one of {string.Join(", ", States.Keys)}, but is '{text}'.", "state"),
        };
        var engine = engines.Require();
        var largest = engine.Options.Limits.PageSize;
        var limit = query.Number("limit", Math.Min(DefaultPage, largest), 1, largest);
        var page = await engine.ListOperationsAsync(state, query.Text("cursor"), limit, context.RequestAborted);
        var answer = new OperationListResponse([.. page.Operations.Select(OperationResponse.Of)], page.Next);
        await context.Response.WriteJsonAsync(answer, WireJson.Relaxed.OperationListResponse);
    }

    private static async Task ListByKeyAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        var key = QueryParameters.Of(context.Request, "key").Text("key")!;
        var operation = await engines.Require().FindOperationByKeyAsync(key, context.RequestAborted);
        var answer = new OperationListResponse(operation is null ? [] : [OperationResponse.Of(operation)], Next: null);
        await context.Response.WriteJsonAsync(answer, WireJson.Relaxed.OperationListResponse);
    }

    private static async Task CancelAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        _ = QueryParameters.Of(context.Request);
        var operation = await engines.Require().CancelOperationAsync(id, context.RequestAborted);
        await context.Response.WriteJsonAsync(OperationResponse.Of(operation), WireJson.Relaxed.OperationResponse);
    }

    private static async Task GetAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        _ = QueryParameters.Of(context.Request);
        var operation = await FindAsync(engines.Require(), id, context.RequestAborted);
        await context.Response.WriteJsonAsync(OperationResponse.Of(operation), WireJson.Relaxed.OperationResponse);
    }

    private static async Task<IResult> WatchAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime, TimeProvider time, string id)
    {
        _ = QueryParameters.Of(context.Request);
        var engine = engines.Require();
        var operation = await FindAsync(engine, id, context.RequestAborted);
        return TypedResults.ServerSentEvents(OperationEvents.WatchAsync(engine, operation, time, lifetime.ApplicationStopping, context.RequestAborted));
    }

    private static async Task<Operation> FindAsync(AlbertSearchEngine engine, string id, CancellationToken cancellationToken) =>
        await engine.FindOperationAsync(id, cancellationToken)
        ?? throw new ProblemException(ErrorCodes.NotFound, $"There is no operation '{id}'; finished ones are forgotten after a time (Queue:Retention).");
}
