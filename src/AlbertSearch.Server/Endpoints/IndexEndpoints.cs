using AlbertSearch.Errors;
using AlbertSearch.Ingestion;
using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /index</c>: documents go in.</summary>
internal static class IndexEndpoints
{
    private const string Wait = "wait";
    private const string IdColumn = "idColumn";
    private const string TextColumn = "textColumn";

    private static readonly MinDataRate SlowestUpload = new(bytesPerSecond: 1, gracePeriod: TimeSpan.FromMinutes(5));

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/index", IndexAsync)
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Add and replace documents")
            .WithDescription("JSON goes in all or nothing. NDJSON and CSV go in line by line: bad lines are reported, good ones go in, and the later of two with one id wins. Content-Encoding: gzip is taken.")
            .Takes(RequestExamples.Index, "application/json", RequestSchemas.Index)
            .AlsoTakes(RequestExamples.Ndjson, NdjsonDocuments.MediaType)
            .AlsoTakes(RequestExamples.Csv, CsvDocuments.MediaType)
            .TakesQuery(Wait, "boolean", "Answer when the documents are searchable and durable, rather than when they are accepted.")
            .TakesQuery(IdColumn, "string", $"CSV: the column with ids; {CsvColumns.DefaultId} when absent.")
            .TakesQuery(TextColumn, "string", $"CSV: the column with texts; {CsvColumns.DefaultText} when absent. All others become metadata, as strings.")
            .Produces<IndexAccepted>(StatusCodes.Status202Accepted)
            .Produces<IndexCompleted>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task IndexAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime)
    {
        var engine = engines.Require();
        var collection = EngineAccess.CollectionOf(context);
        var mediaType = RequestBody.MediaTypeOf(context.Request);
        var query = mediaType == CsvDocuments.MediaType
            ? QueryParameters.Of(context.Request, Wait, IdColumn, TextColumn)
            : QueryParameters.Of(context.Request, Wait);
        var wait = query.Flag(Wait);
        var operation = mediaType switch
        {
            "application/json" => await SubmitAsync(context, engine, collection),
            NdjsonDocuments.MediaType or CsvDocuments.MediaType => await LoadAsync(context, engine, collection, mediaType, query, lifetime.ApplicationStopping),
            _ => throw RequestBody.UnsupportedMediaType(context.Request, $"application/json, {NdjsonDocuments.MediaType} or {CsvDocuments.MediaType}"),
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

    private static async Task<Operation> LoadAsync(HttpContext context, AlbertSearchEngine engine, string collection, string mediaType, QueryParameters query, CancellationToken stopping)
    {
        // Not canceled when the connection breaks: reading fails by itself then, after the lines that have come are in.
        var limits = engine.Options.Limits;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // Lines may come as slowly as they are made; a peer that is gone without a word still ends some time.
            rate.MinDataRate = SlowestUpload;
        }

        await using var body = BodyStream.Open(context.Request);
        var lines = mediaType == CsvDocuments.MediaType
            ? CsvDocuments.ReadAsync(body, limits, query.Text(IdColumn), query.Text(TextColumn), stopping)
            : NdjsonDocuments.ReadAsync(body, limits, stopping);
        return await BulkImport.RunAsync(lines, () => engine.BeginBulkLoadAsync(collection, stopping), stopping);
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
