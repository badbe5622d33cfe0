using AlbertSearch.Indexing;
using AlbertSearch.Search;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The part of a search that reads the database: candidates become documents, until enough of them are certain. Used once.</summary>
internal sealed class SnapshotSearch(SqliteSession session, GenerationIndex index, ChunkQuery query)
{
    private readonly Dictionary<long, Match> _matches = [];
    private readonly int _wanted = checked(query.Offset + query.K);

    /// <summary>Turns candidates into hits.</summary>
    /// <param name="cursor">Where further candidates come from.</param>
    /// <param name="candidates">The first ones.</param>
    /// <param name="found">How many they are.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    public List<SearchHit> Run(IVectorSearchCursor cursor, Neighbor[] candidates, int found, CancellationToken cancellationToken)
    {
        while (found > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var candidate in candidates.AsSpan(0, found))
            {
                Resolve(candidate);
            }

            // Every document that is still unseen scores at most this.
            var frontier = candidates[found - 1].Score;
            if (frontier < query.MinScore || _matches.Values.Count(match => match.Score > frontier) >= _wanted)
            {
                break;
            }

            found = cursor.ReadNext(candidates, cancellationToken);
        }

        var ranked = _matches.Where(match => !(match.Value.Score < query.MinScore)).ToList();
        ranked.Sort((left, right) =>
        {
            var byScore = right.Value.Score.CompareTo(left.Value.Score);
            return byScore != 0 ? byScore : string.CompareOrdinal(left.Value.Id, right.Value.Id);
        });
        return ranked.Skip(query.Offset).Take(query.K).Select(match => ToHit(match.Key, match.Value)).ToList();
    }

    private void Resolve(Neighbor candidate)
    {
        using var reader = session.Query(
            """
            SELECT chunks.document, chunks.start, chunks."end", documents.id
            FROM chunks INDEXED BY chunks_place JOIN documents ON documents.key = chunks.document
            WHERE chunks.generation = $1 AND chunks.slot = $2
            """,
            query.Generation.Key,
            candidate.Slot);
        if (reader.Read())
        {
            Offer(reader.GetInt64(0), new Match(reader.GetString(3), candidate.Slot, new ChunkHit(reader.GetInt32(1), reader.GetInt32(2), candidate.Score)));
        }
        else if (index.FindInTransition(candidate.Slot) is { } id
            && session.Scalar("SELECT key FROM documents WHERE collection = $1 AND id = $2", query.Generation.Collection, id) is long document)
        {
            foreach (var (slot, chunk) in ScoreChunks(document))
            {
                Offer(document, new Match(id, slot, chunk));
            }
        }
    }

    private void Offer(long document, Match match)
    {
        if (!_matches.TryGetValue(document, out var best) || match.Score > best.Score || (match.Score == best.Score && match.Chunk.Start < best.Chunk.Start))
        {
            _matches[document] = match;
        }
    }

    /// <summary>All chunks of a document in text order. The index holds every slot that the snapshot shows.</summary>
    private List<(int Slot, ChunkHit Chunk)> ScoreChunks(long document)
    {
        var chunks = new List<(int, ChunkHit)>();
        using var reader = session.Query("SELECT slot, start, \"end\" FROM chunks WHERE document = $1 AND generation = $2 ORDER BY ordinal", document, query.Generation.Key);
        while (reader.Read())
        {
            var slot = reader.GetInt32(0);
            chunks.Add((slot, new ChunkHit(reader.GetInt32(1), reader.GetInt32(2), index.Index.Score(query.Vector.Span, slot))));
        }

        return chunks;
    }

    private SearchHit ToHit(long document, Match match)
    {
        string? text = null;
        string? metadata = null;
        if ((query.Include & (HitParts.Text | HitParts.Metadata)) != 0)
        {
            var sql = query.Include.HasFlag(HitParts.Text)
                ? "SELECT metadata, CAST(text AS BLOB) FROM documents WHERE key = $1"
                : "SELECT metadata FROM documents WHERE key = $1";
            using var reader = session.Query(sql, document);
            reader.Read();
            metadata = query.Include.HasFlag(HitParts.Metadata) && !reader.IsDBNull(0) ? reader.GetString(0) : null;
            text = query.Include.HasFlag(HitParts.Text) ? DocumentRows.ReadText(reader, 1) : null;
        }

        return new SearchHit
        {
            Id = match.Id,
            Score = match.Score,
            Text = text,
            Metadata = DocumentRows.ParseMetadata(metadata),
            Chunk = match.Chunk,
            Vector = query.Include.HasFlag(HitParts.Vector) ? ReadVector(match.Slot) : null,
            Chunks = query.Include.HasFlag(HitParts.Chunks) ? [.. ScoreChunks(document).Select(scored => scored.Chunk)] : null,
        };
    }

    private float[] ReadVector(int slot)
    {
        var vector = new float[query.Generation.Settings.Dimension];
        using SqliteDataReader reader = session.Query("SELECT vector FROM chunks WHERE generation = $1 AND slot = $2", query.Generation.Key, slot);
        return reader.Read() && VectorBlob.TryRead(raw.sqlite3_column_blob(reader.Handle, 0), vector)
            ? vector
            : throw new Errors.StorageUnavailableException($"The database is damaged: slot {slot} of generation {query.Generation.Key} has no vector. Restore the database from a copy.");
    }

    private readonly record struct Match(string Id, int Slot, ChunkHit Chunk)
    {
        public float Score => Chunk.Score;
    }
}
