using AlbertSearch.Ingestion;

namespace AlbertSearch.Storage;

/// <summary>An operation that is to be accepted.</summary>
public sealed record NewOperation
{
    /// <summary>Names it in the API.</summary>
    public required string Id { get; init; }

    /// <summary>The collection that it writes to.</summary>
    public required long Collection { get; init; }

    /// <summary>That collection's name.</summary>
    public required string CollectionName { get; init; }

    /// <summary>What it does.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>By which a repeated request is known; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Hash of all that was asked for: a key that comes back with another one is misused.</summary>
    public ContentHash? RequestHash { get; init; }
}
