using System.Text.Json.Serialization;

namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary>A sample's features, written as <c>[pooled_feature, seq_feature]</c>.</summary>
/// <param name="Pooled">Dimension floats.</param>
/// <param name="Sequence">Tokens × dimension floats, row-major.</param>
/// <param name="Rows">Rows to write: rows of zeros follow the tokens.</param>
[JsonConverter(typeof(SampleFeaturesConverter))]
internal sealed record SampleFeatures(float[] Pooled, float[] Sequence, int Rows);
