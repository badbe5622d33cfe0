using AlbertSearch.Errors;
using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>/documents</c>: what is stored. <c>?id=</c> addresses any id, also one with slashes.</summary>
internal static class DocumentEndpoints
{
    private const int DefaultPage = 100;

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

        routes.MapGet("/documents/export", ExportAsync)
            .WithTags("Documents")
            .WithSummary("All documents as NDJSON")
            .WithDescription("In the order of their ids, a document a line. POST /index takes it back.")
            .Produces<string>(contentType: NdjsonDocuments.MediaType)
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
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 429, 503);

        routes.MapDelete("/documents", (HttpContext context, AlbertSearchEngineProvider engines) => DeleteAsync(context, engines, QueryId(context)))
            .RequireRateLimiting(Admission.Writes)
            .WithTags("Documents")
            .WithSummary("Delete a document by ?id=")
            .TakesQuery("id", "string", "The document's id.", required: true)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 429, 503);
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

    private static async Task ExportAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime)
    {
        _ = QueryParameters.Of(context.Request);
        var engine = engines.Require();
        var collection = EngineAccess.CollectionOf(context);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var page = await engine.ListDocumentsAsync(cursor: null, Math.Min(DefaultPage, engine.Options.Limits.PageSize), collection, either.Token);
        context.Response.ContentType = NdjsonDocuments.MediaType;
        while (true)
        {
            NdjsonDocuments.Write(context.Response.BodyWriter, page.Documents);
            await context.Response.BodyWriter.FlushAsync(either.Token);
            if (page.Next is null)
            {
                return;
            }

            page = await engine.ListDocumentsAsync(page.Next, Math.Min(DefaultPage, engine.Options.Limits.PageSize), collection, either.Token);
        }
    }

    private static async Task GetAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        var document = await engines.Require().FindDocumentAsync(id, EngineAccess.CollectionOf(context), context.RequestAborted) ?? throw Missing(id);
        context.Response.Headers.ETag = $"\"{document.Revision}\"";
        await context.Response.WriteJsonAsync(DocumentResponse.Of(document), WireJson.Relaxed.DocumentResponse);
    }

    private static async Task DeleteAsync(HttpContext context, AlbertSearchEngineProvider engines, string id)
    {
        if (!await engines.Require().DeleteDocumentAsync(id, EngineAccess.CollectionOf(context), context.RequestAborted))
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
