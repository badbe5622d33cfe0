using AlbertSearch.Errors;
using AlbertSearch.Search;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /search</c>.</summary>
/// <param name="Requests">The searches, one for each query.</param>
/// <param name="Several">Whether the queries came as an array: the answer is one then, too.</param>
internal sealed record SearchBody(IReadOnlyList<SearchRequest> Requests, bool Several)
{
    private static readonly KnownProperties Properties = new(
        ["query", "vector", "k", "minScore", "ef", "exact", "offset", "include"],
        notSupported: ["filter", "hybrid", "mmr"]);

    /// <summary>Reads a body. Ranges are the engine's to check.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="dimension">Floats of a vector.</param>
    public static SearchBody Parse(ReadOnlySpan<byte> utf8, LimitOptions limits, int dimension)
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
                    request = request with { Vector = ReadVector(ref json, dimension) };
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

    private static ReadOnlyMemory<float> ReadVector(ref StrictJsonReader json, int dimension)
    {
        var vector = new float[dimension];
        var count = 0;
        json.BeginArray("an array of numbers");
        while (json.NextElement())
        {
            if (count == dimension)
            {
                throw new ProblemException(ErrorCodes.InvalidValue, $"vector holds more than the {dimension} numbers of the model's vectors.", "vector");
            }

            vector[count++] = json.ReadSingle();
        }

        return count == dimension
            ? vector
            : throw new ProblemException(ErrorCodes.InvalidValue, $"vector must hold {dimension} numbers, as the model's vectors do, but holds {count}.", "vector");
    }

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
                var other => throw json.Fault(ErrorCodes.InvalidValue, $"must be text, metadata, vector or chunks, but is '{other}'"),
            };
        }

        return include;
    }
}
