using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Endpoints;

/// <summary><c>POST /embed</c>: texts become vectors and raw features.</summary>
internal static class EmbedEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/embed", EmbedAsync)
            .RequireRateLimiting(Admission.Queries)
            .WithTags("Model")
            .WithSummary("Vectors and raw features of texts and pairs, by the collection's model")
            .Takes(RequestExamples.Embed, "application/json", RequestSchemas.Embed)
            .Produces<EmbedResponse>()
            .ProducesProblems(400, 404, 413, 415, 429, 503);

    private static async Task EmbedAsync(HttpContext context, AlbertSearchEngineProvider engines, ModelGate gate)
    {
        var model = engines.Require().GetModel(EngineAccess.CollectionOf(context));
        _ = QueryParameters.Of(context.Request);
        var request = await ReadAsync(context, engines.Require().Options.Limits);
        var features = await StartAsync(model, gate, request, context.RequestAborted);
        var results = features.Select(sample => EmbedResponse.EmbeddedSample.Of(sample, model.Dimension));
        await context.Response.WriteJsonAsync(new EmbedResponse(model.Name, model.Dimension, results), WireJson.Relaxed.EmbedResponse);
    }

    private static async Task<EmbedRequest> ReadAsync(HttpContext context, LimitOptions limits)
    {
        using var body = await RequestBody.ReadJsonAsync(context, limits.JsonBodyBytes);
        return EmbedRequest.Parse(body.Bytes, limits);
    }

    private static async Task<IAsyncEnumerable<TextFeatures>> StartAsync(EmbeddingModel model, ModelGate gate, EmbedRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await FeatureStream.StartAsync(model, gate, request.Data, request.Output, maxTokens: null, cancellationToken);
        }
        catch (NotSupportedException error)
        {
            throw new ProblemException(ErrorCodes.NotSupported, $"output asks for what the model '{model.Name}' does not have: {error.Message}", "output");
        }
    }
}
