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
            .TakesQuery(IndexRequest.WaitParameter, "boolean", "Answer when the documents are searchable and durable, rather than when they are accepted.")
            .TakesQuery(IndexRequest.IdColumnParameter, "string", $"CSV: the column with ids; {CsvColumns.DefaultId} when absent.")
            .TakesQuery(IndexRequest.TextColumnParameter, "string", $"CSV: the column with texts; {CsvColumns.DefaultText} when absent. All others become metadata, as strings.")
            .TakesQuery(IndexRequest.FromParameter, "integer", "NDJSON and CSV: go on with an upload that was cut off. The body begins with this line of the whole (and, in CSV, with the header row before it).")
            .TakesHeader(IndexRequest.KeyHeader, "A repeated request under the same key is answered with the operation of the first.")
            .Produces<IndexAccepted>(StatusCodes.Status202Accepted)
            .Produces<IndexCompleted>()
            .ProducesProblems(400, 404, 409, 413, 415, 429, 503);

    private static async Task IndexAsync(HttpContext context, AlbertSearchEngineProvider engines, UploadKeys keys, IHostApplicationLifetime lifetime)
    {
        var engine = engines.Require();
        var request = IndexRequest.Of(context);
        var stopping = lifetime.ApplicationStopping;
        var operation = request.IsBulk ? await LoadOnceAsync(context, engine, keys, request, stopping) : await SubmitAsync(context, engine, request);
        if (!request.Wait)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.Headers.Location = $"/operations/{operation.Id}";
            await context.Response.WriteJsonAsync(IndexAccepted.Of(operation), WireJson.Relaxed.IndexAccepted);
            return;
        }

        operation = await OperationWait.UntilCompletedAsync(engine, operation.Id, stopping, context.RequestAborted);
        await context.Response.WriteJsonAsync(IndexCompleted.Of(operation), WireJson.Relaxed.IndexCompleted);
    }

    /// <summary>Loads a bulk body, or answers with the operation of one that comes again under its key. JSON is compared with the first request by the engine; a bulk body is not read twice.</summary>
    private static async Task<Operation> LoadOnceAsync(HttpContext context, AlbertSearchEngine engine, UploadKeys keys, IndexRequest request, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        using var key = await keys.TakeAsync(request.Key, either.Token);
        if (request.Key is null || request.FromLine is not null || await engine.FindBulkLoadAsync(request.Key, request.Collection, either.Token) is not { } first)
        {
            return await LoadAsync(context, engine, request, stopping);
        }

        return first.CutOff
            ? throw new ProblemException(
                ErrorCodes.Conflict,
                $"The upload with this Idempotency-Key was cut off after line {first.Lines}; send the rest with ?from={first.Lines + 1}, or use another key.",
                IndexRequest.KeyHeader)
            : first;
    }

    private static async Task<Operation> SubmitAsync(HttpContext context, AlbertSearchEngine engine, IndexRequest request)
    {
        var limits = engine.Options.Limits;
        using var body = await RequestBody.ReadJsonAsync(context, limits.JsonBodyBytes);
        return await engine.SubmitAsync(DocumentJson.ReadAll(body.Bytes, limits), request.Key, request.Collection, context.RequestAborted);
    }

    private static async Task<Operation> LoadAsync(HttpContext context, AlbertSearchEngine engine, IndexRequest request, CancellationToken stopping)
    {
        // Not canceled when the connection breaks: reading fails by itself then, after the lines that have come are in.
        var limits = engine.Options.Limits;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // Lines may come as slowly as they are made; a peer that is gone without a word still ends some time.
            rate.MinDataRate = SlowestUpload;
        }

        await using var body = BodyStream.Open(context.Request);
        var firstLine = request.FromLine ?? 1;
        var lines = request.MediaType == CsvDocuments.MediaType
            ? CsvDocuments.ReadAsync(body, limits, request.IdColumn, request.TextColumn, request.FromLine, stopping)
            : NdjsonDocuments.ReadAsync(body, limits, firstLine, stopping);
        return await BulkImport.RunAsync(
            lines, () => engine.BeginBulkLoadAsync(request.Key, request.FromLine, request.Collection, stopping), mayBeEmpty: request.FromLine is not null, stopping);
    }
}
