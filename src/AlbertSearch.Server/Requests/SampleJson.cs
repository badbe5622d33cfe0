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
            var sample = ReadSample(ref json, limits, out var count);
            samples.Add(count is 1 or 2 ? sample : throw json.Fault(ErrorCodes.InvalidValue, $"holds {count} texts, but a sample holds one or two"));
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

    /// <summary>Refuses an element past the limit.</summary>
    public static void CheckCount(in StrictJsonReader json, int count, LimitOptions limits)
    {
        if (count >= limits.Samples)
        {
            throw json.Fault(ErrorCodes.TooMany, $"is one too many: the limit is {limits.Samples} a request (Limits:Samples)");
        }
    }

    /// <summary>The error for a list that must hold something.</summary>
    public static ProblemException Empty(string field) => new(ErrorCodes.Empty, $"{field} is empty; it must hold one or more.", field);

    /// <summary>Reads a list of texts as a sample.</summary>
    /// <param name="json">The reader, at the list.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="count">Texts in it: a sample of other than one or two is not one.</param>
    public static TextSample ReadSample(ref StrictJsonReader json, LimitOptions limits, out int count)
    {
        var texts = new string?[2];
        count = 0;
        json.BeginArray("an array of one or two strings");
        while (json.NextElement())
        {
            var text = ReadText(json, limits);
            if (count < texts.Length)
            {
                texts[count] = text;
            }

            count++;
        }

        return new TextSample(texts[0] ?? "", texts[1]);
    }
}
