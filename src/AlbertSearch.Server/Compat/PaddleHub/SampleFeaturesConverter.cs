using System.Text.Json;
using System.Text.Json.Serialization;

namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary>Writes <see cref="SampleFeatures"/> as a list of a list of floats and a list of lists of floats.</summary>
internal sealed class SampleFeaturesConverter : JsonConverter<SampleFeatures>
{
    /// <inheritdoc />
    public override SampleFeatures Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Features are answers only.");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, SampleFeatures value, JsonSerializerOptions options)
    {
        var dimension = value.Pooled.Length;
        writer.WriteStartArray();
        WriteRow(writer, value.Pooled);
        writer.WriteStartArray();
        for (var start = 0; start < value.Sequence.Length; start += dimension)
        {
            WriteRow(writer, value.Sequence.AsSpan(start, dimension));
        }

        if (value.Rows * dimension > value.Sequence.Length)
        {
            var zeros = new float[dimension];
            for (var row = value.Sequence.Length / dimension; row < value.Rows; row++)
            {
                WriteRow(writer, zeros);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter writer, ReadOnlySpan<float> row)
    {
        writer.WriteStartArray();
        foreach (var value in row)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }
}
