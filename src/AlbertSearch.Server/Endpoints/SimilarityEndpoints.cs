using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Matching;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /similarity</c>: how near texts are to each other.</summary>
internal static class SimilarityEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/similarity", CompareAsync)
            .RequireRateLimiting(Admission.Queries)
            .WithTags("Model")
            .WithSummary("Similarity of each text to each other, by the collection's model")
            .Takes(RequestExamples.Similarity, "application/json", RequestSchemas.Similarity)
            .Produces<SimilarityResponse>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task CompareAsync(HttpContext context, AlbertSearchEngineProvider engines, ModelGate gate)
    {
        var engine = engines.Require();
        var model = engine.GetModel(EngineAccess.CollectionOf(context));
        _ = QueryParameters.Of(context.Request);
        var request = await ReadAsync(context, engine);
        var cancellation = context.RequestAborted;
        var matrix = await gate.RunAsync(
            () => SimilarityMatrix.Compute(model, request.Texts, BatchPriority.Interactive, cancellation),
            cancellation);
        var answer = new SimilarityResponse(FloatRows.Of(matrix.Values, request.Texts.Count), matrix.TruncatedTokens);
        await context.Response.WriteJsonAsync(answer, WireJson.Relaxed.SimilarityResponse);
    }

    private static async Task<SimilarityRequest> ReadAsync(HttpContext context, AlbertSearchEngine engine)
    {
        using var body = await RequestBody.ReadJsonAsync(context, engine.Options.Limits.JsonBodyBytes);
        return SimilarityRequest.Parse(body.Bytes, engine.Options.Limits);
    }
}
