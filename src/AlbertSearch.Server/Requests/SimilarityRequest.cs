namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /similarity</c>.</summary>
/// <param name="Texts">The texts to compare.</param>
internal sealed record SimilarityRequest(IReadOnlyList<string> Texts)
{
    private static readonly KnownProperties Properties = new(["texts"]);

    /// <summary>Reads and checks a body.</summary>
    public static SimilarityRequest Parse(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        IReadOnlyList<string> texts = [];
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out _))
        {
            texts = SampleJson.ReadTexts(ref json, limits);
        }

        json.Require(Properties, seen, "texts");
        json.End();
        return texts.Count == 0 ? throw SampleJson.Empty("texts") : new SimilarityRequest(texts);
    }
}
