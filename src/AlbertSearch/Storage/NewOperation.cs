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
}
