using AlbertSearch.Collections;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>A stored chunk that the index lacks, or has otherwise.</summary>
/// <param name="Fault">Which of the two.</param>
/// <param name="Held">The index.</param>
/// <param name="Key">The chunk's row.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="DocumentId">Its document.</param>
/// <param name="IsSound">Whether nothing else is wrong with the document, which would be embedded again.</param>
internal sealed record MisplacedChunk(FindingKind Fault, HeldIndex Held, long Key, int Slot, string DocumentId, bool IsSound = true);
