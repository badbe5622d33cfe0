namespace AlbertSearch.Ingestion;

/// <summary>How far an operation is.</summary>
public enum OperationState
{
    /// <summary>In the durable queue.</summary>
    Accepted,

    /// <summary>Some of its documents are applied.</summary>
    Running,

    /// <summary>Every document is applied or reported as failed; the applied ones are searchable and durable.</summary>
    Completed,

    /// <summary>It ended without doing what it was for; see the error.</summary>
    Failed,

    /// <summary>It was canceled before it was done.</summary>
    Canceled,
}
