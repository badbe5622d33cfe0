using AlbertSearch.Documents;
using AlbertSearch.Errors;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>/documents</c>: what is stored. <c>?id=</c> addresses any id, also one with slashes.</summary>
internal static class DocumentEndpoints
{
    private const int DefaultPage = 100;
    private const string IfMatch = "The entity tag that the document must have.";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/documents", GetOrListAsync)
            .WithTags("Documents")
            .WithSummary("List documents, or get one by ?id=")
            .TakesQuery("id", "string", "A document's id: the answer is that document alone.")
            .TakesQuery("cursor", "string", "The next of the page before.")
            .TakesQuery("limit", "integer", $"Documents of a page; {DefaultPage} when absent.")
            .Produces<DocumentListResponse>()
            .ProducesProblems(400, 404, 503);

        routes.MapGet("/documents/{id}", (HttpContext context, AlbertSearchEngineProvider engines) => GetAsync(context, engines, RouteId(context)))
            .WithTags("Documents")
            .WithSummary("Get a document")
            .Produces<DocumentResponse>()
            .ProducesProblems(400, 404, 503);

        routes.MapDelete("/documents/{id}", (HttpContext context, AlbertSearchEngineProvider engines) => DeleteAsync(context, engines, RouteId(context)))
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Delete a document")
            .WithDescription("In the order of acknowledgement with other writes to it. The answer comes when it is gone.")
            .TakesHeader("If-Match", IfMatch)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 412, 429, 503);

        routes.MapDelete("/documents", (HttpContext context, AlbertSearchEngineProvider engines) => DeleteAsync(context, engines, QueryId(context)))
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Delete a document by ?id=")
            .TakesQuery("id", "string", "The document's id.", required: true)
            .TakesHeader("If-Match", IfMatch)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 412, 429, 503);

        routes.MapPatch("/documents/{id}", (HttpContext context, AlbertSearchEngineProvider engines) => PatchAsync(context, engines, RouteId(context)))
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Change a document's metadata")
            .WithDescription("By a merge patch (RFC 7396): values are set, nulls remove. In the order of acknowledgement with other writes to it; nothing is embedded.")
            .Takes(RequestExamples.Patch, PatchBody.MediaType, RequestSchemas.Patch)
            .TakesHeader("If-Match", IfMatch)
            .Produces<DocumentResponse>()
            .ProducesProblems(400, 404, 412, 413, 415, 429, 503);

        routes.MapPatch("/documents", (HttpContext context, AlbertSearchEngineProvider engines) => PatchAsync(context, engines, QueryId(context)))
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Change a document's metadata by ?id=")
            .Takes(RequestExamples.Patch, PatchBody.MediaType, RequestSchemas.Patch)
            .TakesQuery("id", "string", "The document's id.", required: true)
            .TakesHeader("If-Match", IfMatch)
            .Produces<DocumentResponse>()
            .ProducesProblems(400, 404, 412, 413, 415, 429, 503);
    }

    private static async Task GetOrListAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        if (context.Request.Query.ContainsKey("id"))
        {
            await GetAsync(context, engines, QueryId(context));
            return;
        }

        var query = QueryParameters.Of(context.Request, "cursor", "limit");
        var engine = engines.Require();
        var largest = engine.Options.Limits.PageSize;
        var limit = query.Number("limit", Math.Min(DefaultPage, largest), 1, largest);
        var page = await engine.ListDocumentsAsync(query.Text("cursor"), limit, EngineAccess.CollectionOf(context), context.RequestAborted);
        var answer = new DocumentListResponse([.. page.Documents.Select(DocumentResponse.Of)], page.Next);
        await context.Response.WriteJsonAsync(answer, WireJson.Relaxed.DocumentListResponse);
    }

    private static async Task GetAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        var document = await engines.Require().FindDocumentAsync(id, EngineAccess.CollectionOf(context), context.RequestAborted) ?? throw Missing(id);
        await WriteAsync(context, document);
    }

    private static async Task PatchAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        var engine = engines.Require();
        var ifRevision = EntityTags.IfMatch(context.Request);
        var patch = await ReadPatchAsync(context, engine.Options.Limits);
        var document = await engine.PatchDocumentAsync(id, patch.Metadata, ifRevision, EngineAccess.CollectionOf(context), context.RequestAborted) ?? throw Missing(id);
        await WriteAsync(context, document);
    }

    private static async Task<PatchBody> ReadPatchAsync(HttpContext context, LimitOptions limits)
    {
        if (RequestBody.MediaTypeOf(context.Request) is not (PatchBody.MediaType or "application/json"))
        {
            throw RequestBody.UnsupportedMediaType(context.Request, $"{PatchBody.MediaType} or application/json");
        }

        using var body = await RequestBody.ReadAsync(context, limits.JsonBodyBytes);
        return PatchBody.Parse(body.Bytes, limits);
    }

    private static Task WriteAsync(HttpContext context, Document document)
    {
        context.Response.Headers.ETag = EntityTags.Of(document.Revision);
        return context.Response.WriteJsonAsync(DocumentResponse.Of(document), WireJson.Relaxed.DocumentResponse);
    }

    private static async Task DeleteAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        if (!await engines.Require().DeleteDocumentAsync(id, EntityTags.IfMatch(context.Request), EngineAccess.CollectionOf(context), context.RequestAborted))
        {
            throw Missing(id);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static string RouteId(HttpContext context)
    {
        _ = QueryParameters.Of(context.Request);
        return RawPath.LastSegment(context);
    }

    private static string QueryId(HttpContext context) => QueryParameters.Of(context.Request, "id").Text("id") is { Length: > 0 } id
        ? id
        : throw new ProblemException(ErrorCodes.MissingField, "The query parameter 'id' is missing or empty.", "id");

    private static ProblemException Missing(string id) => new(ErrorCodes.NotFound, $"There is no document '{id}'.");
}
