using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Responses;

/// <summary>How answers are written: camelCase, with times in ISO 8601, and floats in the shortest form that reads back as the same float.</summary>
[JsonSerializable(typeof(ProblemResponse))]
[JsonSerializable(typeof(IndexAccepted))]
[JsonSerializable(typeof(IndexCompleted))]
[JsonSerializable(typeof(DeletionCount))]
[JsonSerializable(typeof(DeletionCompleted))]
[JsonSerializable(typeof(OperationResponse))]
[JsonSerializable(typeof(OperationListResponse))]
[JsonSerializable(typeof(DocumentResponse))]
[JsonSerializable(typeof(DocumentListResponse))]
[JsonSerializable(typeof(CollectionResponse))]
[JsonSerializable(typeof(CollectionListResponse))]
[JsonSerializable(typeof(IndexCheckResponse))]
[JsonSerializable(typeof(VerifyResponse))]
[JsonSerializable(typeof(SearchResponse))]
[JsonSerializable(typeof(SearchListResponse))]
[JsonSerializable(typeof(EmbedResponse))]
[JsonSerializable(typeof(TokenizeResponse))]
[JsonSerializable(typeof(SimilarityResponse))]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>The one to write with: letters of all scripts stay as they are.</summary>
    public static WireJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
