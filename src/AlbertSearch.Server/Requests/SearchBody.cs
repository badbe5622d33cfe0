using AlbertSearch.Errors;
using AlbertSearch.Search;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /search</c>.</summary>
/// <param name="Requests">The searches, one for each query.</param>
/// <param name="Several">Whether the queries came as an array: the answer is one then, too.</param>
internal sealed record SearchBody(IReadOnlyList<SearchRequest> Requests, bool Several)
{
    private const int LargestVector = 1 << 16;

    private static readonly KnownProperties Properties = new(
        ["query", "vector", "k", "minScore", "filter", "ef", "exact", "offset", "include", "groupBy"],
        notSupported: ["hybrid", "mmr"]);

    /// <summary>Reads a body. Ranges are the engine's to check.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="limits">Bounds.</param>
    public static SearchBody Parse(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        var request = new SearchRequest();
        IReadOnlyList<string>? queries = null;
        var several = false;
        var seen = 0UL;
        json.BeginObject();
        while (json.NextProperty(Properties, ref seen, out var name))
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (name)
            {
                case "query":
                    several = json.IsArray;
                    queries = several ? SampleJson.ReadTexts(ref json, limits) : [SampleJson.ReadText(json, limits, "a string or an array of strings")];
                    break;
                case "vector":
                    request = request with { Vector = ReadVector(ref json) };
                    break;
                case "k":
                    request = request with { K = json.ReadInt32() };
                    break;
                case "minScore":
                    request = request with { MinScore = json.ReadSingle() };
                    break;
                case "ef":
                    request = request with { Ef = json.ReadInt32() };
                    break;
                case "exact":
                    request = request with { Exact = json.ReadBoolean() };
                    break;
                case "filter":
                    request = request with { Filter = FilterBody.Read(ref json, limits) };
                    break;
                case "groupBy":
                    request = request with { GroupBy = ReadGroupBy(json) };
                    break;
                case "offset":
                    request = request with { Offset = json.ReadInt32() };
                    break;
                default:
                    request = request with { Include = ReadInclude(ref json) };
                    break;
            }
        }

        json.End();
        return Combine(request, queries, several);
    }

    private static SearchBody Combine(SearchRequest request, IReadOnlyList<string>? queries, bool several)
    {
        if (queries is null)
        {
            return request.Vector is null
                ? throw new ProblemException(ErrorCodes.MissingField, "query is missing: a search needs exactly one of query and vector.", "query")
                : new SearchBody([request], Several: false);
        }

        if (request.Vector is not null)
        {
            throw new ProblemException(ErrorCodes.InvalidValue, "query and vector are both there: a search needs exactly one of them.", "vector");
        }

        return queries.Count == 0
            ? throw SampleJson.Empty("query")
            : new SearchBody([.. queries.Select(query => request with { Query = query })], several);
    }

    private static float[] ReadVector(ref StrictJsonReader json)
    {
        var vector = new List<float>();
        json.BeginArray("an array of numbers");
        while (json.NextElement())
        {
            // The engine knows how many it must be; this only keeps hostile bodies small.
            vector.Add(vector.Count < LargestVector ? json.ReadSingle() : throw json.Fault(ErrorCodes.InvalidValue, $"is one too many: no vector has more than {LargestVector} numbers"));
        }

        return [.. vector];
    }

    private static HitGrouping ReadGroupBy(in StrictJsonReader json) => json.ReadString() switch
    {
        "document" => HitGrouping.Document,
        "chunk" => HitGrouping.Chunk,
        var other => throw json.Fault(ErrorCodes.InvalidValue, $"must be document or chunk, but is '{other}'"),
    };

    private static HitParts ReadInclude(ref StrictJsonReader json)
    {
        var include = HitParts.None;
        json.BeginArray("an array of names");
        while (json.NextElement())
        {
            include |= json.ReadString() switch
            {
                "text" => HitParts.Text,
                "metadata" => HitParts.Metadata,
                "vector" => HitParts.Vector,
                "chunks" => HitParts.Chunks,
                "sentence" => HitParts.Sentence,
                var other => throw json.Fault(ErrorCodes.InvalidValue, $"must be text, metadata, vector, chunks or sentence, but is '{other}'"),
            };
        }

        return include;
    }
}
