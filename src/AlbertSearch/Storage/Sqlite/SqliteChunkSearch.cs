using AlbertSearch.Errors;
using AlbertSearch.Indexing;
using AlbertSearch.Indexing.Persistence;
using AlbertSearch.Search;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>
/// Nearest chunks from the index, joined with one snapshot of the database that is taken after the index has been asked.
/// A slot that the snapshot doesn't know belongs to a document that is being replaced: its chunks in the snapshot are scored instead.
/// With a filter, candidates are looked at one by one; when too few of them pass, the slots that pass are found first and searched alone.
/// While the index can't answer, because its file turned out to be damaged, the query is compared with the vectors in the database.
/// </summary>
internal sealed class SqliteChunkSearch(SqliteDatabase database, GenerationIndexes indexes, IndexOptions options) : IChunkSearch
{
    // Looking at a candidate costs microseconds; finding all slots that pass reads the metadata of the whole collection.
    private const int FilteredCandidates = 512;

    /// <inheritdoc />
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(ChunkQuery query, CancellationToken cancellationToken = default)
    {
        var index = indexes.Find(query.Generation.Key) ?? throw Gone();
        var ticket = index.Searches.Enter();
        try
        {
            // One that was taken out just before is closed without waiting for this search.
            if (indexes.Find(query.Generation.Key) != index)
            {
                throw Gone();
            }

            var vectors = index.Index;
            if (vectors is not RebuildingIndex { IsFilled: false })
            {
                try
                {
                    var hits = await SearchIndexAsync(index, vectors, query, cancellationToken).ConfigureAwait(false);
                    if (index.Index == vectors)
                    {
                        return hits;
                    }

                    // It was replaced meanwhile, and may lack vectors that the snapshot shows.
                }
                catch (IndexFormatException error)
                {
                    index.Replace(vectors, error);
                }
            }

            return await SearchStoredAsync(index, query, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            index.Searches.Leave(ticket);
        }
    }

    private async Task<IReadOnlyList<SearchHit>> SearchIndexAsync(GenerationIndex index, IVectorIndex vectors, ChunkQuery query, CancellationToken cancellationToken)
    {
        var parameters = new VectorSearchParameters { Ef = query.Ef ?? 0, Exact = query.Exact || vectors.Count < (index.Generation.Settings.Index.ExactBelow ?? options.ExactBelow) };
        using var cursor = vectors.OpenCursor(query.Vector.Span, parameters);
        var candidates = NewCandidates(query, out var wanted);
        var found = cursor.ReadNext(candidates, cancellationToken);
        if (found == 0)
        {
            return [];
        }

        return await database.Readers.ReadAsync(
            session =>
            {
                using var search = new SnapshotSearch(session, index, vectors, query);
                var most = query.Filter is null ? long.MaxValue : FilteredCandidates + (4L * wanted);
                if (search.Collect(cursor, candidates, found, most, cancellationToken))
                {
                    return search.ToHits();
                }

                using var restricted = vectors.OpenCursor(query.Vector.Span, parameters with { Allowed = search.FindAllowed() });
                search.Clear();
                search.Collect(restricted, candidates, restricted.ReadNext(candidates, cancellationToken), long.MaxValue, cancellationToken);
                return search.ToHits();
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Task<List<SearchHit>> SearchStoredAsync(GenerationIndex index, ChunkQuery query, CancellationToken cancellationToken) => database.Readers.ReadAsync(
        session =>
        {
            using var search = new SnapshotSearch(session, index, vectors: null, query);
            search.CollectStored(NewCandidates(query, out _), cancellationToken);
            return search.ToHits();
        },
        cancellationToken);

    private static Neighbor[] NewCandidates(ChunkQuery query, out int wanted)
    {
        wanted = checked(query.Offset + query.K);
        return new Neighbor[wanted + 8];
    }

    private static NotFoundException Gone() => new("The collection was deleted or re-indexed while the search began: search again.");
}
