using AlbertSearch.Storage;

namespace AlbertSearch.Ingestion;

/// <summary>Leased writes with all that had to be computed for them.</summary>
/// <param name="Owner">Who holds the leases.</param>
/// <param name="Documents">What can be applied.</param>
/// <param name="Failures">Writes that threw, with what they threw.</param>
/// <param name="Left">Writes that must wait: for one that threw, or until it is known what the ones before them come to.</param>
internal sealed record PreparedBatch(
    string Owner, IReadOnlyList<PreparedDocument> Documents, IReadOnlyList<(QueuedWrite Write, Exception Error)> Failures, IReadOnlyList<QueuedWrite> Left);
