using AlbertSearch.Embeddings;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /embed</c>.</summary>
/// <param name="Data">The samples.</param>
/// <param name="Output">What is wanted of each.</param>
internal sealed record EmbedRequest(IReadOnlyList<TextSample> Data, FeatureKinds Output)
{
    private static readonly KnownProperties Properties = new(["data", "output"]);

    /// <summary>Reads and checks a body.</summary>
    public static EmbedRequest Parse(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        IReadOnlyList<TextSample> data = [];
        var output = FeatureKinds.Vector;
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            if (name == "data")
            {
                data = SampleJson.ReadSamples(ref json, limits);
            }
            else if (!json.IsNull)
            {
                output = ReadOutput(ref json);
            }
        }

        json.Require(Properties, seen, "data");
        json.End();
        return data.Count == 0 ? throw SampleJson.Empty("data") : new EmbedRequest(data, output);
    }

    private static FeatureKinds ReadOutput(ref StrictJsonReader json)
    {
        var output = FeatureKinds.None;
        json.BeginArray("an array of output names");
        while (json.NextElement())
        {
            output |= json.ReadString() switch
            {
                "pooled" => FeatureKinds.Pooled,
                "sequence" => FeatureKinds.Sequence,
                "vector" => FeatureKinds.Vector,
                var other => throw json.Fault(ErrorCodes.InvalidValue, $"must be pooled, sequence or vector, but is '{other}'"),
            };
        }

        return output == FeatureKinds.None ? throw SampleJson.Empty("output") : output;
    }
}
