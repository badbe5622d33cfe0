using AlbertSearch.Errors;
using AlbertSearch.Indexing;
using AlbertSearch.Search;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Nearest chunks from the index, joined with one snapshot of the database that is taken after the index has been asked.
/// A slot that the snapshot doesn't know belongs to a document that is being replaced: its chunks in the snapshot are scored instead.
/// </summary>
internal sealed class SqliteChunkSearch(SqliteDatabase database, GenerationIndexes indexes) : IChunkSearch
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(ChunkQuery query, CancellationToken cancellationToken = default)
    {
        var index = indexes.Find(query.Generation.Key)
            ?? throw new NotFoundException("The collection was deleted or re-indexed while the search began: search again.");
        var ticket = index.Searches.Enter();
        try
        {
            using var cursor = index.Index.OpenCursor(query.Vector.Span, new VectorSearchParameters { Ef = query.Ef ?? 0, Exact = query.Exact });
            var candidates = new Neighbor[checked(query.Offset + query.K) + 8];
            var found = cursor.ReadNext(candidates, cancellationToken);
            return found == 0
                ? []
                : await database.Readers.ReadAsync(
                    session => new SnapshotSearch(session, index, query).Run(cursor, candidates, found, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            index.Searches.Leave(ticket);
        }
    }
}
