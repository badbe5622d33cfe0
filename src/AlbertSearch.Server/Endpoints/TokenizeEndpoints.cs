using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /tokenize</c>: texts become tokens.</summary>
internal static class TokenizeEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/tokenize", TokenizeAsync)
            .RequireRateLimiting(Admission.Queries)
            .WithTags("Model")
            .WithSummary("Tokens of texts and pairs, by the collection's model")
            .Takes(RequestExamples.Tokenize, "application/json", RequestSchemas.Tokenize)
            .Produces<TokenizeResponse>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task TokenizeAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        var engine = engines.Require();
        var model = engine.GetModel(EngineAccess.CollectionOf(context));
        _ = QueryParameters.Of(context.Request);
        var request = await ReadAsync(context, engine.Options.Limits, model.MaxPositions);
        var results = request.Data.Select(sample => TokenizeResponse.TokenizedSample.Of(
            model.Tokenizer.Encode(sample.Text, sample.Pair, request.MaxTokens, context.RequestAborted)));
        await context.Response.WriteJsonAsync(new TokenizeResponse(results), WireJson.Relaxed.TokenizeResponse);
    }

    private static async Task<TokenizeRequest> ReadAsync(HttpContext context, LimitOptions limits, int maxPositions)
    {
        using var body = await RequestBody.ReadJsonAsync(context, limits.JsonBodyBytes);
        return TokenizeRequest.Parse(body.Bytes, limits, maxPositions);
    }
}
