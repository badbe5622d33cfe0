namespace AlbertSearch.Ingestion;

/// <summary>A document that didn't go in.</summary>
public sealed record FailedDocument
{
    /// <summary>Its place in a JSON request, from 0.</summary>
    public int? Index { get; init; }

    /// <summary>Its line in a bulk body, from 1.</summary>
    public long? Line { get; init; }

    /// <summary>The column of the fault in its line, from 1, when known.</summary>
    public long? Column { get; init; }

    /// <summary>Its id, when it could be read.</summary>
    public string? Id { get; init; }

    /// <summary>One of <see cref="Errors.ErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>What was wrong and what is allowed.</summary>
    public required string Message { get; init; }
}
