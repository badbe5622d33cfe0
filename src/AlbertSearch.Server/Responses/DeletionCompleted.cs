using AlbertSearch.Ingestion;

namespace AlbertSearch.Server.Responses;

/// <summary>Documents are gone.</summary>
/// <param name="Status">Always <c>completed</c>.</param>
/// <param name="Deleted">Documents that were there.</param>
/// <param name="Failed">Documents that could not be deleted, and why.</param>
internal sealed record DeletionCompleted(string Status, long Deleted, IReadOnlyList<FailedDocumentResponse> Failed)
{
    /// <summary>Describes a completed operation.</summary>
    public static DeletionCompleted Of(Operation operation) => new("completed", operation.Deleted, FailedDocumentResponse.Of(operation.Failed));
}
