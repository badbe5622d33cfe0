using System.Text.Json.Serialization;

namespace AlbertSearch.Server.Problems;

/// <summary>An error, as RFC 9457 writes it, with a stable <c>code</c>.</summary>
internal sealed record ProblemResponse
{
    /// <summary>Always <c>about:blank</c>: the status and <see cref="Code"/> say what kind of error it is.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>The HTTP status in words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What was wrong, where, and what is allowed.</summary>
    public required string Detail { get; init; }

    /// <summary>A stable word to tell errors apart by, such as <c>invalid_value</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Messages by the path of the field that they are about, such as <c>documents[3].id</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }
}
