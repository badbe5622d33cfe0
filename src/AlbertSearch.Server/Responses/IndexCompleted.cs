using System.Text.Json.Serialization;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Server.Responses;

/// <summary>Documents are searchable and durable.</summary>
internal sealed record IndexCompleted
{
    /// <summary>Always <c>completed</c>.</summary>
    public string Status { get; init; } = "completed";

    /// <summary>Documents that were new.</summary>
    public required long Added { get; init; }

    /// <summary>Documents that replaced another text or other metadata.</summary>
    public required long Updated { get; init; }

    /// <summary>Documents that were stored as they are already.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Documents that didn't go in, and why.</summary>
    public required IReadOnlyList<FailedDocumentResponse> Failed { get; init; }

    /// <summary>How many didn't go in; there only when <see cref="Failed"/> is cut off.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? FailedCount { get; init; }

    /// <summary>Describes a completed operation.</summary>
    public static IndexCompleted Of(Operation operation) => new()
    {
        Added = operation.Added,
        Updated = operation.Updated,
        Unchanged = operation.Unchanged,
        Failed = FailedDocumentResponse.Of(operation.Failed),
        FailedCount = operation.FailedCount > operation.Failed.Count ? operation.FailedCount : null,
    };
}
