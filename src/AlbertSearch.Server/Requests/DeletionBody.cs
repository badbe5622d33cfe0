using AlbertSearch.Errors;
using AlbertSearch.Filters;
using AlbertSearch.Server.Problems;

namespace AlbertSearch.Server.Requests;

/// <summary>The body of <c>POST /documents/delete</c>.</summary>
/// <param name="Ids">The documents' ids; null when a filter says which.</param>
/// <param name="Filter">Says which documents; null when ids do.</param>
/// <param name="DryRun">Whether to count only.</param>
internal sealed record DeletionBody(IReadOnlyList<string>? Ids, Filter? Filter, bool DryRun)
{
    private static readonly KnownProperties Properties = new(["ids", "filter", "dryRun"]);

    /// <summary>Reads and checks a body.</summary>
    public static DeletionBody Parse(ReadOnlySpan<byte> utf8, LimitOptions limits)
    {
        var json = new StrictJsonReader(utf8);
        List<string>? ids = null;
        Filter? filter = null;
        var dryRun = false;
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
                case "ids":
                    ids = ReadIds(ref json);
                    break;
                case "filter":
                    filter = FilterBody.Read(ref json, limits);
                    break;
                default:
                    dryRun = json.ReadBoolean();
                    break;
            }
        }

        json.End();
        return (ids, filter) switch
        {
            (null, null) => throw new ProblemException(ErrorCodes.MissingField, "ids is missing: a deletion needs exactly one of ids and filter.", "ids"),
            (not null, not null) => throw new ProblemException(ErrorCodes.InvalidValue, "ids and filter are both there: a deletion needs exactly one of them.", "filter"),
            (not null, _) when dryRun => throw new ProblemException(ErrorCodes.InvalidValue, "dryRun goes with filter, not with ids.", "dryRun"),
            _ => new DeletionBody(ids, filter, dryRun),
        };
    }

    private static List<string> ReadIds(ref StrictJsonReader json)
    {
        var ids = new List<string>();
        json.BeginArray("an array of ids");
        while (json.NextElement())
        {
            ids.Add(json.ReadString());
        }

        return ids;
    }
}
