using System.Text.Json;
using System.Text.Unicode;
using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;
using AlbertSearch.Server.Requests;

namespace AlbertSearch.Server.Compat.PaddleHub;

/// <summary>The body of a prediction.</summary>
/// <param name="Data">The samples.</param>
/// <param name="MaxSequenceLength"><c>max_seq_len</c>: most tokens of a sample, control tokens included.</param>
internal sealed record PredictRequest(IReadOnlyList<TextSample> Data, int MaxSequenceLength)
{
    private const int DefaultMaxSequenceLength = 128;
    private const int FrameOfPair = 3;

    private static readonly KnownProperties Properties = new(["data", "max_seq_len", "batch_size", "use_gpu"]);

    /// <summary>Whether bytes are JSON in UTF-8, of any kind.</summary>
    public static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var json = new Utf8JsonReader(utf8);
            while (json.Read())
            {
            }

            return Utf8.IsValid(utf8);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads and checks a body. <c>batch_size</c> and <c>use_gpu</c> are checked and change nothing: batches are made by tokens, on processors.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="maxPositions">Most tokens that the model takes.</param>
    public static PredictRequest Parse(ReadOnlySpan<byte> utf8, LimitOptions limits, int maxPositions)
    {
        var json = new StrictJsonReader(utf8);
        IReadOnlyList<TextSample>? data = null;
        var maxSequenceLength = Math.Min(DefaultMaxSequenceLength, maxPositions);
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            switch (name)
            {
                case "data":
                    data = ReadData(ref json, limits);
                    break;
                case "max_seq_len":
                    maxSequenceLength = ReadInRange(json, FrameOfPair, maxPositions);
                    break;
                case "batch_size":
                    ReadInRange(json, 1, int.MaxValue);
                    break;
                default:
                    json.ReadBoolean();
                    break;
            }
        }

        json.Require(Properties, seen, "data");
        return new PredictRequest(data!, maxSequenceLength);
    }

    private static List<TextSample> ReadData(ref StrictJsonReader json, LimitOptions limits)
    {
        var samples = new List<TextSample>();
        json.BeginArray("a list of samples");
        while (json.NextElement())
        {
            SampleJson.CheckCount(json, samples.Count, limits);
            var sample = SampleJson.ReadSample(ref json, limits, out var count);
            samples.Add(count is 1 or 2
                ? sample
                : throw new ProblemException(ErrorCodes.InvalidValue, $"The input text must have one or two sequence, but got {count}. Please check your inputs."));
        }

        return samples;
    }

    private static int ReadInRange(in StrictJsonReader json, int least, int most)
    {
        var value = json.ReadInt32();
        return value >= least && value <= most ? value : throw json.Fault(ErrorCodes.InvalidValue, $"must be {least} to {most}, but is {value}");
    }
}
