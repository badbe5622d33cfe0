using System.Text.Json.Serialization;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Server.Responses;

/// <summary>Documents are in the durable queue.</summary>
internal sealed record IndexAccepted
{
    /// <summary>Names the operation: <c>GET /operations/{id}</c> tells how far it is.</summary>
    public required string OperationId { get; init; }

    /// <summary>Always <c>accepted</c>.</summary>
    public string Status { get; init; } = "accepted";

    /// <summary>Documents that were accepted.</summary>
    public required long Documents { get; init; }

    /// <summary>Lines that could not be read; absent when all could.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FailedDocumentResponse>? Failed { get; init; }

    /// <summary>Describes an operation that was just accepted.</summary>
    public static IndexAccepted Of(Operation operation) => new()
    {
        OperationId = operation.Id,
        Documents = operation.Documents,
        Failed = operation.Failed.Count == 0 ? null : FailedDocumentResponse.Of(operation.Failed),
    };
}
