using AlbertSearch.Embeddings;
using AlbertSearch.Errors;

namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /tokenize</c>.</summary>
/// <param name="Data">The samples.</param>
/// <param name="MaxTokens">Most tokens of a sample, control tokens included.</param>
internal sealed record TokenizeRequest(IReadOnlyList<TextSample> Data, int MaxTokens)
{
    private const int FrameOfPair = 3;

    private static readonly KnownProperties Properties = new(["data", "maxTokens"]);

    /// <summary>Reads and checks a body.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="maxPositions">Most tokens that the model takes; the default of <c>maxTokens</c> too.</param>
    public static TokenizeRequest Parse(ReadOnlySpan<byte> utf8, LimitOptions limits, int maxPositions)
    {
        var json = new StrictJsonReader(utf8);
        IReadOnlyList<TextSample> data = [];
        var maxTokens = maxPositions;
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
                maxTokens = json.ReadInt32();
                if (maxTokens < FrameOfPair || maxTokens > maxPositions)
                {
                    throw json.Fault(ErrorCodes.InvalidValue, $"must be {FrameOfPair} to {maxPositions} (control tokens included), but is {maxTokens}");
                }
            }
        }

        json.Require(Properties, seen, "data");
        json.End();
        return data.Count == 0 ? throw SampleJson.Empty("data") : new TokenizeRequest(data, maxTokens);
    }
}
