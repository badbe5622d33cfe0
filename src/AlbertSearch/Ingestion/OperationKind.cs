namespace AlbertSearch.Ingestion;

/// <summary>What an operation does.</summary>
public enum OperationKind
{
    /// <summary>Adds and replaces documents.</summary>
    Index,

    /// <summary>Deletes documents.</summary>
    Delete,

    /// <summary>Changes a document's metadata.</summary>
    Patch,
}
