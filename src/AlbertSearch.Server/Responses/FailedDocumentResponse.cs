using System.Text.Json.Serialization;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Server.Responses;

/// <summary>A document that didn't go in.</summary>
internal sealed record FailedDocumentResponse
{
    /// <summary>Its place in a JSON body, from 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    /// <summary>Its line in a bulk body, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Line { get; init; }

    /// <summary>The column of the fault in its line, from 1, when known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Column { get; init; }

    /// <summary>Its id, when it could be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    /// <summary>A stable word for what was wrong.</summary>
    public required string Code { get; init; }

    /// <summary>What was wrong and what is allowed.</summary>
    public required string Message { get; init; }

    /// <summary>Describes documents that failed.</summary>
    public static IReadOnlyList<FailedDocumentResponse> Of(IReadOnlyList<FailedDocument> failed) =>
    [
        .. failed.Select(document => new FailedDocumentResponse
        {
            Index = document.Index,
            Line = document.Line,
            Column = document.Column,
            Id = document.Id,
            Code = document.Code,
            Message = document.Message,
        }),
    ];
}
