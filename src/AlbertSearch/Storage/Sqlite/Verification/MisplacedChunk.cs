namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>A stored chunk that the index lacks, or has otherwise.</summary>
/// <param name="Generation">Its generation.</param>
/// <param name="Key">Its row.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="DocumentId">Its document.</param>
internal sealed record MisplacedChunk(Generation Generation, long Key, int Slot, string DocumentId);
