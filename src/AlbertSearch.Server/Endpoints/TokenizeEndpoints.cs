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
            .WithSummary("Tokens of texts and pairs")
            .Takes(RequestExamples.Tokenize, "application/json", RequestSchemas.Tokenize)
            .Produces<TokenizeResponse>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task TokenizeAsync(HttpContext context, AlbertSearchEngineProvider engines)
    {
        var engine = engines.Require();
        _ = QueryParameters.Of(context.Request);
        var request = await ReadAsync(context, engine);
        var results = request.Data.Select(sample => TokenizeResponse.TokenizedSample.Of(
            engine.Model.Tokenizer.Encode(sample.Text, sample.Pair, request.MaxTokens, context.RequestAborted)));
        await context.Response.WriteJsonAsync(new TokenizeResponse(results), WireJson.Relaxed.TokenizeResponse);
    }

    private static async Task<TokenizeRequest> ReadAsync(HttpContext context, AlbertSearchEngine engine)
    {
        using var body = await RequestBody.ReadJsonAsync(context, engine.Options.Limits.JsonBodyBytes);
        return TokenizeRequest.Parse(body.Bytes, engine.Options.Limits, engine.Model.MaxPositions);
    }
}
