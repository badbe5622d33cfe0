using System.Text.Json;
using System.Text.Json.Serialization;
using AlbertSearch.Collections;

namespace AlbertSearch.Server.Responses;

/// <summary>What a comparison of all that a collection consists of has found.</summary>
internal sealed record VerifyResponse
{
    /// <summary>Whether nothing is off.</summary>
    public required bool Ok { get; init; }

    /// <summary>Documents that were looked at.</summary>
    public required long Documents { get; init; }

    /// <summary>Chunks that were looked at.</summary>
    public required long Chunks { get; init; }

    /// <summary>What is off, or was before the repair.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The operation that embeds damaged documents again; absent when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OperationId { get; init; }

    /// <summary>Describes a report.</summary>
    public static VerifyResponse Of(VerificationReport report) => new()
    {
        Ok = report.Ok,
        Documents = report.Documents,
        Chunks = report.Chunks,
        Findings = [.. report.Findings.Select(finding => new Finding(JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Kind.ToString()), finding.Count, finding.Examples))],
        OperationId = report.RepairOperationId,
    };

    /// <summary>Something that is off.</summary>
    /// <param name="Kind">What: <c>document_without_chunks</c>, <c>text_hash_differs</c> and so on.</param>
    /// <param name="Count">How often.</param>
    /// <param name="Examples">The first few: documents, slots, operations or counters.</param>
    internal sealed record Finding(string Kind, long Count, IReadOnlyList<string> Examples);
}
