using System.Text.Json.Serialization;
using AlbertSearch.Ingestion;

namespace AlbertSearch.Server.Responses;

/// <summary>A write request on its way through the durable queue.</summary>
internal sealed record OperationResponse
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary><c>accepted</c>, <c>running</c>, <c>completed</c>, <c>failed</c> or <c>canceled</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>index</c> or <c>delete</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Documents that it was accepted with.</summary>
    public required long Documents { get; init; }

    /// <summary>Documents that are applied or failed.</summary>
    public required long Done { get; init; }

    /// <summary>Documents that didn't go in, and why.</summary>
    public required IReadOnlyList<FailedDocumentResponse> Failed { get; init; }

    /// <summary>How many didn't go in; there only when <see cref="Failed"/> is cut off.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? FailedCount { get; init; }

    /// <summary>Why it failed as a whole.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Describes an operation.</summary>
    public static OperationResponse Of(Operation operation) => new()
    {
        Id = operation.Id,
        State = NameOf(operation.State),
        Kind = NameOf(operation.Kind),
        Documents = operation.Documents,
        Done = operation.Done,
        Failed = FailedDocumentResponse.Of(operation.Failed),
        FailedCount = operation.FailedCount > operation.Failed.Count ? operation.FailedCount : null,
        Error = operation.Error,
        CreatedAt = operation.CreatedAt,
        FinishedAt = operation.FinishedAt,
    };

    /// <summary>An enum's value as the API writes it.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
