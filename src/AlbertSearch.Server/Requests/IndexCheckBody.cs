namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /collections/{name}/check</c>.</summary>
internal static class IndexCheckBody
{
    private static readonly KnownProperties Properties = new(["samples", "k", "ef"]);

    /// <summary>Reads a body. Ranges are the engine's to check.</summary>
    public static IndexCheckRequest Parse(ReadOnlySpan<byte> utf8)
    {
        var json = new StrictJsonReader(utf8);
        var request = new IndexCheckRequest();
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            if (json.IsNull)
            {
                continue;
            }

            request = name switch
            {
                "samples" => request with { Samples = json.ReadInt32() },
                "k" => request with { K = json.ReadInt32() },
                _ => request with { Ef = json.ReadInt32() },
            };
        }

        json.End();
        return request;
    }
}
