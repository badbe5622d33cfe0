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

    private static async Task IndexAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        var engine = engines.Require();
        var collection = EngineAccess.CollectionOf(context);
        var wait = QueryParameters.Of(context.Request, "wait").Flag("wait");
        var operation = RequestBody.MediaTypeOf(context.Request) switch
        {
            "application/json" => await SubmitAsync(context, engine, collection),
            Ndjson => await LoadAsync(context, engine, collection),
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

        operation = await engine.WaitAsync(operation.Id, context.RequestAborted);
        await context.Response.WriteJsonAsync(IndexCompleted.Of(RequireCompleted(operation)), WireJson.Relaxed.IndexCompleted);
    }

    private static async Task<Operation> SubmitAsync(HttpContext context, AlbertSearchEngine engine, string collection)
    {
        using var body = await RequestBody.ReadJsonAsync(context, engine.Options.Limits.JsonBodyBytes);
        return await engine.SubmitAsync(DocumentJson.ReadAll(body.Bytes, engine.Options.Limits), collection, context.RequestAborted);
    }

    private static async Task<Operation> LoadAsync(HttpContext context, AlbertSearchEngine engine, string collection)
    {
        await using var body = BodyStream.Open(context.Request);
        return await new NdjsonImport(engine.Options.Limits).RunAsync(
            body,
            () => engine.BeginBulkLoadAsync(collection, context.RequestAborted),
            context.RequestAborted);
    }

    private static Operation RequireCompleted(Operation operation) => operation.State switch
    {
        OperationState.Failed => throw new ProblemException(ErrorCodes.Internal, $"Operation {operation.Id} was accepted and failed: {operation.Error}"),
        OperationState.Canceled => throw new ProblemException(ErrorCodes.Conflict, $"Operation {operation.Id} was accepted and then canceled."),
        _ => operation,
    };
}
