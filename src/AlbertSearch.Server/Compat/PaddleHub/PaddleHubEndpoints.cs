using System.Text.Json.Serialization.Metadata;
using AlbertSearch.Embeddings;
using AlbertSearch.Embeddings.Albert;
using AlbertSearch.Server.Configuration;
using AlbertSearch.Server.Endpoints;
using AlbertSearch.Server.OpenApi;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;
using AlbertSearch.Server.Responses;

namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary><c>POST /predict/{module}</c> as PaddleHub Serving answers it: HTTP 200 also for errors that it handles, told apart by <c>status</c>.</summary>
internal static class PaddleHubEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/predict/{module}", PredictAsync)
            .RequireRateLimiting(Admission.Queries)
            .WithTags("PaddleHub")
            .WithSummary("The PaddleHub Serving dialect: features, or labels of a model with a classification head")
            .WithDescription("HTTP 200 also for handled errors. status: 000 fine, 101 the request can't be done, 111 no such module, 112 the body is not JSON.")
            .Takes(RequestExamples.Predict, "application/json", RequestSchemas.Predict)
            .Produces<PredictAnswer<IAsyncEnumerable<SampleFeatures>>>()
            .ProducesProblems(429, 503);

    private static async Task PredictAsync(HttpContext context, AlbertSearchEngineProvider engines, ModelGate gate, ServerOptions options, string module)
    {
        var engine = engines.Require();
        if (!options.PaddleHub.Serves(module))
        {
            await RefuseAsync(context, PredictStatus.UnknownModule, $"Module {module} is not available.");
            return;
        }

        try
        {
            if (await ReadAsync(context, engine) is { } request)
            {
                await AnswerAsync(context, engine.Model, gate, request, options.PaddleHub);
                return;
            }

            await RefuseAsync(
                context,
                PredictStatus.NotJson,
                $"Please use 'application/json' as content-type to post to /predict/{module}, with a JSON object in UTF-8 as the body.");
        }
        catch (Exception error) when (error is ProblemException or NotSupportedException && !context.Response.HasStarted)
        {
            await RefuseAsync(context, PredictStatus.Failed, error.Message);
        }
    }

    private static async Task<PredictRequest?> ReadAsync(HttpContext context, AlbertSearchEngine engine)
    {
        var limits = engine.Options.Limits;
        using var body = await RequestBody.ReadAsync(context, limits.JsonBodyBytes);
        return RequestBody.MediaTypeOf(context.Request) == "application/json" && PredictRequest.IsJson(body.Bytes)
            ? PredictRequest.Parse(body.Bytes, limits, engine.Model.MaxPositions)
            : null;
    }

    private static async Task AnswerAsync(HttpContext context, EmbeddingModel model, ModelGate gate, PredictRequest request, PaddleHubOptions options)
    {
        var json = PredictJson.Relaxed;
        var cancellation = context.RequestAborted;
        if (request.Data.Count == 0)
        {
            await WriteAsync<IReadOnlyList<string>>(context, [], json.PredictAnswerIReadOnlyListString);
            return;
        }

        if (model.Task == ClassificationTask.None)
        {
            var wanted = FeatureKinds.Pooled | FeatureKinds.Sequence;
            var features = await FeatureStream.StartAsync(model, gate, request.Data, wanted, request.MaxSequenceLength, cancellation);
            var rows = options.Pad ? request.MaxSequenceLength : 0;
            var results = features.Select(sample => new SampleFeatures(sample.Pooled!, sample.Sequence!, rows));
            await WriteAsync(context, results, json.PredictAnswerIAsyncEnumerableSampleFeatures);
            return;
        }

        var logits = await gate.RunAsync(() => model.Classify(request.Data, request.MaxSequenceLength, BatchPriority.Interactive, cancellation), cancellation);
        var labels = logits.Select(rows => LabelsOf(rows, model.Config.Labels));
        if (model.Task == ClassificationTask.Sequence)
        {
            await WriteAsync<IReadOnlyList<string>>(context, [.. labels.Select(rows => rows[0])], json.PredictAnswerIReadOnlyListString);
        }
        else
        {
            await WriteAsync<IReadOnlyList<IReadOnlyList<string>>>(context, [.. labels], json.PredictAnswerIReadOnlyListIReadOnlyListString);
        }
    }

    private static IReadOnlyList<string> LabelsOf(float[] logits, IReadOnlyList<string> labels) =>
        [.. logits.Chunk(labels.Count).Select(row => labels[Array.IndexOf(row, row.Max())])];

    private static Task RefuseAsync(HttpContext context, string status, string message) =>
        context.Response.WriteJsonAsync(new PredictAnswer<string>(message, "", status), PredictJson.Relaxed.PredictAnswerString);

    private static Task WriteAsync<T>(HttpContext context, T results, JsonTypeInfo<PredictAnswer<T>> type) =>
        context.Response.WriteJsonAsync(new PredictAnswer<T>("", results, PredictStatus.Ok), type);
}
