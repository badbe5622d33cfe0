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

    /// <summary><c>index</c>, <c>delete</c> or <c>patch</c>.</summary>
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

    /// <summary>Documents that were new.</summary>
    public required long Added { get; init; }

    /// <summary>Documents that replaced another text or other metadata.</summary>
    public required long Updated { get; init; }

    /// <summary>Documents that were stored as they are already.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Documents that were deleted.</summary>
    public required long Deleted { get; init; }

    /// <summary>Tokens that were embedded for it.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens that were cut because chunking is off; absent when none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TruncatedTokens { get; init; }

    /// <summary>Documents that were taken out of the queue because it was canceled; absent when none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Canceled { get; init; }

    /// <summary>Documents a second since the first one was applied; absent before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DocumentsPerSecond { get; init; }

    /// <summary>How many seconds the rest will take at this rate; absent when unknown or ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RemainingSeconds { get; init; }

    /// <summary>Lines of a bulk body that are committed or reported; absent for other bodies.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Lines { get; init; }

    /// <summary>True when a bulk body was cut off after these lines; absent otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? CutOff { get; init; }

    /// <summary>Why it failed as a whole, or that its body was cut off.</summary>
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
        Added = operation.Added,
        Updated = operation.Updated,
        Unchanged = operation.Unchanged,
        Deleted = operation.Deleted,
        Tokens = operation.Tokens,
        TruncatedTokens = operation.TruncatedTokens == 0 ? null : operation.TruncatedTokens,
        Canceled = operation.Canceled == 0 ? null : operation.Canceled,
        DocumentsPerSecond = operation.DocumentsPerSecond is { } rate ? Math.Round(rate, 1) : null,
        RemainingSeconds = operation.Remaining is { } remaining ? Math.Round(remaining.TotalSeconds, 1) : null,
        Lines = operation.Lines == 0 ? null : operation.Lines,
        CutOff = operation.CutOff ? true : null,
        Error = operation.Error ?? (operation.CutOff
            ? $"The body was cut off: lines after {operation.Lines} have not come in. With an Idempotency-Key, the rest can be sent with ?from={operation.Lines + 1}."
            : null),
        CreatedAt = operation.CreatedAt,
        FinishedAt = operation.FinishedAt,
    };

    /// <summary>An enum's value as the API writes it.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
