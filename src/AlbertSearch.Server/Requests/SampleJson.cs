using AlbertSearch.Embeddings;
using AlbertSearch.Errors;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>Reads lists of texts, and of samples: lists of one or two texts.</summary>
internal static class SampleJson
{
    /// <summary>Reads <c>[["a"],["a","b"]]</c>.</summary>
    public static IReadOnlyList<TextSample> ReadSamples(ref StrictJsonReader json, LimitOptions limits)
    {
        var samples = new List<TextSample>();
        json.BeginArray("an array of samples, each an array of one or two strings");
        while (json.NextElement())
        {
            CheckCount(json, samples.Count, limits);
            samples.Add(ReadSample(ref json, limits));
        }

        return samples;
    }

    /// <summary>Reads <c>["a","b"]</c>.</summary>
    public static IReadOnlyList<string> ReadTexts(ref StrictJsonReader json, LimitOptions limits)
    {
        var texts = new List<string>();
        json.BeginArray("an array of strings");
        while (json.NextElement())
        {
            CheckCount(json, texts.Count, limits);
            texts.Add(ReadText(json, limits));
        }

        return texts;
    }

    /// <summary>Reads a text of at most the limit's length.</summary>
    public static string ReadText(in StrictJsonReader json, LimitOptions limits, string expected = "a string")
    {
        var text = json.ReadString(expected);
        return System.Text.Encoding.UTF8.GetByteCount(text) <= limits.TextBytes
            ? text
            : throw json.Fault(ErrorCodes.TooLong, $"is longer than the limit of {limits.TextBytes} bytes (Limits:TextBytes)");
    }

    /// <summary>The error for a list that must hold something.</summary>
    public static ProblemException Empty(string field) => new(ErrorCodes.Empty, $"{field} is empty; it must hold one or more.", field);

    private static TextSample ReadSample(ref StrictJsonReader json, LimitOptions limits)
    {
        string? text = null;
        string? pair = null;
        var count = 0;
        json.BeginArray("an array of one or two strings");
        while (json.NextElement())
        {
            switch (++count)
            {
                case 1:
                    text = ReadText(json, limits);
                    break;
                case 2:
                    pair = ReadText(json, limits);
                    break;
                default:
                    throw json.Fault(ErrorCodes.InvalidValue, "is a text too many: a sample holds one or two");
            }
        }

        return text is null ? throw json.Fault(ErrorCodes.InvalidValue, "is an empty sample: a sample holds one or two texts") : new TextSample(text, pair);
    }

    private static void CheckCount(in StrictJsonReader json, int count, LimitOptions limits)
    {
        if (count >= limits.Samples)
        {
            throw json.Fault(ErrorCodes.TooMany, $"is one too many: the limit is {limits.Samples} a request (Limits:Samples)");
        }
    }
}
