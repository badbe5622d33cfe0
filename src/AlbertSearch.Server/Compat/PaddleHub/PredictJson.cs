using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary>How answers of this dialect are written.</summary>
[JsonSerializable(typeof(PredictAnswer<string>))]
[JsonSerializable(typeof(PredictAnswer<IReadOnlyList<string>>))]
[JsonSerializable(typeof(PredictAnswer<IReadOnlyList<IReadOnlyList<string>>>))]
[JsonSerializable(typeof(PredictAnswer<IAsyncEnumerable<SampleFeatures>>))]
internal sealed partial class PredictJson : JsonSerializerContext
{
    /// <summary>The one to write with: letters of all scripts stay as they are.</summary>
    public static PredictJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
