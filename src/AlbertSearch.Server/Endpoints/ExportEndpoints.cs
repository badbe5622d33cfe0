using System.Buffers;
using AlbertSearch.Server.Bulk;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Requests;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>GET /documents/export</c>: everything that is stored.</summary>
internal static class ExportEndpoints
{
    private const int FlushBytes = 64 << 10;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/documents/export", ExportAsync)
            .WithTags("Documents")
            .WithSummary("All documents as NDJSON")
            .WithDescription("In the order of their ids, a document a line. POST /index takes it back.")
            .Produces<string>(contentType: NdjsonDocuments.MediaType)
            .ProducesProblems(400, 404, 503);

    private static async Task ExportAsync(HttpContext context, AlbertSearchEngineProvider engines, IHostApplicationLifetime lifetime)
    {
        _ = QueryParameters.Of(context.Request);
        var engine = engines.Require();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var output = context.Response.BodyWriter;
        var lines = new ArrayBufferWriter<byte>(FlushBytes);
        context.Response.ContentType = NdjsonDocuments.MediaType;
        await foreach (var document in engine.ExportDocumentsAsync(EngineAccess.CollectionOf(context), either.Token))
        {
            NdjsonDocuments.Write(lines, document);
            if (lines.WrittenCount >= FlushBytes)
            {
                await output.WriteAsync(lines.WrittenMemory, either.Token);
                lines.ResetWrittenCount();
            }
        }

        await output.WriteAsync(lines.WrittenMemory, either.Token);
    }
}
