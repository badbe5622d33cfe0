using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /index</c>: documents go in.</summary>
internal static class IndexEndpoints
{
    private const string Ndjson = "application/x-ndjson";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/index", IndexAsync)
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Add and replace documents")
            .WithDescription("JSON goes in all or nothing. NDJSON goes in line by line: bad lines are reported, good ones go in, and the later of two with one id wins.")
            .Takes(RequestExamples.Index, "application/json", RequestSchemas.Index)
            .AlsoTakes(RequestExamples.Ndjson, Ndjson)
            .TakesQuery("wait", "boolean", "Answer when the documents are searchable and durable, rather than when they are accepted.")
            .Produces<IndexAccepted>(StatusCodes.Status202Accepted)
            .Produces<IndexCompleted>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task IndexAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime)
    {
        var engine = engines.Require();
        var collection = EngineAccess.CollectionOf(context);
        var wait = QueryParameters.Of(context.Request, "wait").Flag("wait");
        var operation = RequestBody.MediaTypeOf(context.Request) switch
        {
            "application/json" => await SubmitAsync(context, engine, collection),
            Ndjson => await LoadAsync(context, engine, collection, lifetime.ApplicationStopping),
            "text/csv" => throw new ProblemException(ErrorCodes.NotSupported, $"text/csv is not supported by this version; send application/json or {Ndjson}.", "Content-Type"),
            _ => throw RequestBody.UnsupportedMediaType(context.Request, $"application/json or {Ndjson}"),
        };

        if (!wait)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.Headers.Location = $"/operations/{operation.Id}";
            await context.Response.WriteJsonAsync(IndexAccepted.Of(operation), WireJson.Relaxed.IndexAccepted);
            return;
        }

        operation = await WaitAsync(context, engine, operation.Id, lifetime.ApplicationStopping);
        await context.Response.WriteJsonAsync(IndexCompleted.Of(RequireCompleted(operation)), WireJson.Relaxed.IndexCompleted);
    }

    private static async Task<Operation> SubmitAsync(HttpContext context, AlbertSearchEngine engine, string collection)
    {
        using var body = await RequestBody.ReadJsonAsync(context, engine.Options.Limits.JsonBodyBytes);
        return await engine.SubmitAsync(DocumentJson.ReadAll(body.Bytes, engine.Options.Limits), collection, context.RequestAborted);
    }

    private static async Task<Operation> LoadAsync(HttpContext context, AlbertSearchEngine engine, string collection, CancellationToken stopping)
    {
        // Not canceled when the connection breaks: reading fails by itself then, after the lines that have come are in.
        await using var body = BodyStream.Open(context.Request);
        return await new NdjsonImport(engine.Options.Limits).RunAsync(body, () => engine.BeginBulkLoadAsync(collection, stopping), stopping);
    }

    private static async Task<Operation> WaitAsync(HttpContext context, AlbertSearchEngine engine, string operationId, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            return await engine.WaitAsync(operationId, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new ProblemException(ErrorCodes.NotReady, $"The server is stopping. Operation {operationId} is accepted and goes on when the server is back.");
        }
    }

    private static Operation RequireCompleted(Operation operation) => operation.State switch
    {
        OperationState.Failed => throw new ProblemException(ErrorCodes.Internal, $"Operation {operation.Id} was accepted and failed: {operation.Error}"),
        OperationState.Canceled => throw new ProblemException(ErrorCodes.Conflict, $"Operation {operation.Id} was accepted and then canceled."),
        _ => operation,
    };
}
