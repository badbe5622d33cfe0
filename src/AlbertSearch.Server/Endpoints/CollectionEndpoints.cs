using AlbertSearch.Collections;
using AlbertSearch.Errors;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>/collections</c>: sets of documents with settings of their own.</summary>
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
            .WithSummary("A collection's settings, counters and sizes")
            .Produces<CollectionResponse>()
            .ProducesProblems(400, 404, 503);

        routes.MapPut("/collections/{name}", PutAsync)
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Collections")
            .WithSummary("Make a collection")
            .WithDescription("What is absent is taken from the configuration. One that is there with the same settings stays as it is; with others, it is a conflict.")
            .Takes(RequestExamples.Collection, "application/json", RequestSchemas.Collection)
            .Produces<CollectionResponse>(StatusCodes.Status201Created)
            .Produces<CollectionResponse>()
            .ProducesProblems(400, 409, 415, 429, 503);

        routes.MapDelete("/collections/{name}", DeleteAsync)
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Collections")
            .WithSummary("Delete a collection with all its documents")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 409, 429, 503);

        routes.MapPost("/collections/{name}/check", CheckAsync)
            .RequireRateLimiting(Admission.Queries)
            .WithTags("Collections")
            .WithSummary("Measure how much of the truth the index finds")
            .WithDescription("Searches for a sample of the stored vectors, and compares with exact searches. The body may be absent. Takes about as long as that many exact searches.")
            .Takes(RequestExamples.IndexCheck, "application/json", RequestSchemas.IndexCheck, required: false)
            .Produces<IndexCheckResponse>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

        routes.MapPost("/collections/{name}/verify", VerifyAsync)
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Collections")
            .WithSummary("Compare documents, chunks, vectors, index, counters and queue; repair on request")
            .WithDescription("Reads all of the collection, beside other work. ok is true when nothing is off; findings are counted by kind, with a few examples. The body may be absent.")
            .Takes(RequestExamples.Verify, "application/json", RequestSchemas.Verify, required: false)
            .Produces<VerifyResponse>()
            .ProducesProblems(400, 404, 409, 413, 415, 429, 503);
    }

    private static async Task ListAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        _ = QueryParameters.Of(context.Request);
        var collections = await engines.Require().ListCollectionsAsync(context.RequestAborted);
        await context.Response.WriteJsonAsync(new CollectionListResponse([.. collections.Select(CollectionResponse.Of)]), WireJson.Relaxed.CollectionListResponse);
    }

    private static async Task GetAsync(HttpContext context, AlbertSearchEngineProvider engines, string name)
    {
        _ = QueryParameters.Of(context.Request);
        var collection = await engines.Require().GetCollectionAsync(name, context.RequestAborted);
        await context.Response.WriteJsonAsync(CollectionResponse.Of(collection), WireJson.Relaxed.CollectionResponse);
    }

    private static async Task PutAsync(HttpContext context, AlbertSearchEngineProvider engines, string name)
    {
        _ = QueryParameters.Of(context.Request);
        var engine = engines.Require();
        CollectionName.Check(name);
        var settings = await ReadAsync(context, engine.Options.Limits);
        var before = await engine.ListCollectionsAsync(context.RequestAborted);
        var collection = await engine.CreateCollectionAsync(name, settings, context.RequestAborted);
        if (before.All(other => other.Name != name))
        {
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Location = $"/collections/{name}";
        }

        await context.Response.WriteJsonAsync(CollectionResponse.Of(collection), WireJson.Relaxed.CollectionResponse);
    }

    private static async Task DeleteAsync(HttpContext context, AlbertSearchEngineProvider engines, string name)
    {
        _ = QueryParameters.Of(context.Request);
        if (!await engines.Require().DeleteCollectionAsync(name, context.RequestAborted))
        {
            throw new ProblemException(ErrorCodes.NotFound, $"There is no collection '{name}'.");
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task CheckAsync(HttpContext context, AlbertSearchEngineProvider engines, string name)
    {
        _ = QueryParameters.Of(context.Request);
        var engine = engines.Require();
        using var body = await RequestBody.ReadAsync(context, engine.Options.Limits.JsonBodyBytes);
        RequireJson(context, body);
        var request = body.Bytes.IsEmpty ? new IndexCheckRequest() : IndexCheckBody.Parse(body.Bytes);
        var recall = await engine.MeasureRecallAsync(name, request.Samples, request.K, request.Ef, context.RequestAborted);
        var response = new IndexCheckResponse(recall, request.Samples, request.K, request.Ef ?? (await engine.GetCollectionAsync(name, context.RequestAborted)).Index.Ef);
        await context.Response.WriteJsonAsync(response, WireJson.Relaxed.IndexCheckResponse);
    }

    private static async Task VerifyAsync(HttpContext context, AlbertSearchEngineProvider engines, string name)
    {
        _ = QueryParameters.Of(context.Request);
        var engine = engines.Require();
        using var body = await RequestBody.ReadAsync(context, engine.Options.Limits.JsonBodyBytes);
        RequireJson(context, body);
        var report = await engine.VerifyCollectionAsync(name, VerifyBody.ParseRepair(body.Bytes), context.RequestAborted);
        await context.Response.WriteJsonAsync(VerifyResponse.Of(report), WireJson.Relaxed.VerifyResponse);
    }

    private static async Task<CollectionSettings> ReadAsync(HttpContext context, LimitOptions limits)
    {
        using var body = await RequestBody.ReadAsync(context, limits.JsonBodyBytes);
        RequireJson(context, body);
        return CollectionBody.Parse(body.Bytes);
    }

    private static void RequireJson(HttpContext context, RequestBody body)
    {
        if (!body.Bytes.IsEmpty && RequestBody.MediaTypeOf(context.Request) != "application/json")
        {
            throw RequestBody.UnsupportedMediaType(context.Request, "application/json");
        }
    }
}
