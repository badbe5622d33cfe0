using AlbertSearch.Indexing;
using AlbertSearch.Search;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The part of a search that reads the database: candidates become hits, until enough of them are certain. Used by one thread.</summary>
internal sealed class SnapshotSearch : IDisposable
{
    private readonly SqliteSession _session;
    private readonly GenerationIndex _index;
    private readonly IVectorIndex? _vectors;
    private readonly StoredVectors _stored;
    private readonly ChunkQuery _query;
    private readonly FilterSql? _filter;
    private readonly SqliteStatement _findChunk;
    private readonly SqliteStatement _findDocument;
    private readonly int _wanted;
    private readonly Dictionary<(long Document, int Slot), Match> _matches = [];

    /// <summary>Makes a search in a snapshot.</summary>
    /// <param name="session">Sees the snapshot.</param>
    /// <param name="index">Knows the slots in transition.</param>
    /// <param name="vectors">The index that gives the candidates; null when they come from the snapshot itself.</param>
    /// <param name="query">What is searched.</param>
    public SnapshotSearch(SqliteSession session, GenerationIndex index, IVectorIndex? vectors, ChunkQuery query)
    {
        _session = session;
        _index = index;
        _vectors = vectors;
        _stored = new StoredVectors(session, query.Generation);
        _query = query;
        _wanted = checked(query.Offset + query.K);
        _filter = query.Filter is null ? null : FilterSql.Compile(query.Filter, firstParameter: 3);
        var passes = _filter?.Sql ?? "1";
        _findChunk = Statement(
            $"""
            SELECT chunks.document, chunks.start, chunks."end", documents.id, {passes}
            FROM chunks INDEXED BY chunks_place JOIN documents ON documents.key = chunks.document
            WHERE chunks.generation = $1 AND chunks.slot = $2
            """);
        _findDocument = Statement($"SELECT key FROM documents WHERE collection = $1 AND id = $2 AND {passes}");
    }

    /// <summary>Reads candidates until the hits are certain.</summary>
    /// <param name="cursor">Where further candidates come from.</param>
    /// <param name="candidates">The first ones.</param>
    /// <param name="found">How many they are.</param>
    /// <param name="most">Gives up after this many.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    /// <returns>False when it gave up.</returns>
    public bool Collect(IVectorSearchCursor cursor, Neighbor[] candidates, int found, long most, CancellationToken cancellationToken)
    {
        for (var seen = 0L; found > 0; found = cursor.ReadNext(candidates, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var candidate in candidates.AsSpan(0, found))
            {
                Resolve(candidate);
            }

            // Everything that is still unseen scores at most this.
            var frontier = candidates[found - 1].Score;
            if (frontier < _query.MinScore || _matches.Values.Count(match => match.Score > frontier) >= _wanted)
            {
                return true;
            }

            seen += found;
            if (seen >= most)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The slots whose documents fulfil the filter.</summary>
    public SlotSet FindAllowed()
    {
        var allowed = new SlotSet();
        var filter = _filter ?? throw new InvalidOperationException("There is no filter.");
        using var statement = _session.Prepare(
            $"""
            SELECT chunks.slot FROM documents JOIN chunks INDEXED BY chunks_document ON chunks.document = documents.key AND chunks.generation = $1
            WHERE documents.collection = $2 AND {filter.Sql}
            """);
        using var reader = statement.Query([_query.Generation.Key, _query.Generation.Collection, .. filter.Values]);
        while (reader.Read())
        {
            allowed.Add(reader.GetInt32(0));
        }

        return allowed;
    }

    /// <summary>Compares the query with every stored vector that may be found, and takes the hits from that.</summary>
    /// <param name="candidates">Room for candidates.</param>
    /// <param name="cancellationToken">Cancels between steps.</param>
    public void CollectStored(Neighbor[] candidates, CancellationToken cancellationToken)
    {
        using var cursor = _stored.Scan(_query.Vector.Span, _filter is null ? null : FindAllowed(), cancellationToken);
        Collect(cursor, candidates, cursor.ReadNext(candidates, cancellationToken), long.MaxValue, cancellationToken);
    }

    /// <summary>Forgets what was collected.</summary>
    public void Clear() => _matches.Clear();

    /// <summary>The hits that are asked for, best first, ties by id.</summary>
    public List<SearchHit> ToHits()
    {
        var ranked = _matches.Where(match => !(match.Value.Score < _query.MinScore)).ToList();
        ranked.Sort((left, right) =>
        {
            var byScore = right.Value.Score.CompareTo(left.Value.Score);
            var byId = byScore != 0 ? byScore : string.CompareOrdinal(left.Value.Id, right.Value.Id);
            return byId != 0 ? byId : left.Value.Chunk.Start.CompareTo(right.Value.Chunk.Start);
        });
        return [.. ranked.Skip(_query.Offset).Take(_query.K).Select(match => ToHit(match.Key.Document, match.Value))];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_filter is not null)
        {
            _findChunk.Dispose();
            _findDocument.Dispose();
        }
    }

    // With a filter the SQL is one of its own.
    private SqliteStatement Statement(string sql) => _filter is null ? _session.Cached(sql) : _session.Prepare(sql);

    private void Resolve(Neighbor candidate)
    {
        using var reader = _findChunk.Query([_query.Generation.Key, candidate.Slot, .. FilterValues]);
        if (reader.Read())
        {
            if (reader.GetInt64(4) != 0)
            {
                Offer(reader.GetInt64(0), new Match(reader.GetString(3), candidate.Slot, new ChunkHit(reader.GetInt32(1), reader.GetInt32(2), candidate.Score)));
            }
        }
        else if (_index.FindInTransition(candidate.Slot) is { } id && _findDocument.Scalar([_query.Generation.Collection, id, .. FilterValues]) is long document)
        {
            foreach (var (slot, chunk) in ScoreChunks(document))
            {
                Offer(document, new Match(id, slot, chunk));
            }
        }
    }

    private IReadOnlyList<object?> FilterValues => _filter?.Values ?? [];

    private void Offer(long document, Match match)
    {
        var key = (document, _query.GroupBy == HitGrouping.Chunk ? match.Slot : -1);
        if (!_matches.TryGetValue(key, out var best) || match.Score > best.Score || (match.Score == best.Score && match.Chunk.Start < best.Chunk.Start))
        {
            _matches[key] = match;
        }
    }

    /// <summary>All chunks of a document in text order.</summary>
    private List<(int Slot, ChunkHit Chunk)> ScoreChunks(long document)
    {
        var chunks = new List<(int, ChunkHit)>();
        using var reader = _session.Query("SELECT slot, start, \"end\" FROM chunks WHERE document = $1 AND generation = $2 ORDER BY ordinal", document, _query.Generation.Key);
        while (reader.Read())
        {
            var slot = reader.GetInt32(0);
            chunks.Add((slot, new ChunkHit(reader.GetInt32(1), reader.GetInt32(2), Score(slot))));
        }

        return chunks;
    }

    private SearchHit ToHit(long document, Match match)
    {
        string? text = null;
        string? metadata = null;
        if ((_query.Include & (HitParts.Text | HitParts.Metadata)) != 0)
        {
            var sql = _query.Include.HasFlag(HitParts.Text)
                ? "SELECT metadata, CAST(text AS BLOB) FROM documents WHERE key = $1"
                : "SELECT metadata FROM documents WHERE key = $1";
            using var reader = _session.Query(sql, document);
            reader.Read();
            metadata = _query.Include.HasFlag(HitParts.Metadata) && !reader.IsDBNull(0) ? reader.GetString(0) : null;
            text = _query.Include.HasFlag(HitParts.Text) ? DocumentRows.ReadText(reader, 1) : null;
        }

        return new SearchHit
        {
            Id = match.Id,
            Score = match.Score,
            Text = text,
            Metadata = DocumentRows.ParseMetadata(metadata),
            Chunk = match.Chunk,
            Vector = _query.Include.HasFlag(HitParts.Vector) ? _stored.Read(match.Slot).ToArray() : null,
            Chunks = _query.Include.HasFlag(HitParts.Chunks) ? [.. ScoreChunks(document).Select(scored => scored.Chunk)] : null,
        };
    }

    // The index has every slot that the snapshot shows, unless it was replaced since.
    private float Score(int slot) => _vectors?.Contains(slot) == true ? _vectors.Score(_query.Vector.Span, slot) : VectorScore.Compute(_query.Vector.Span, _stored.Read(slot));

    private readonly record struct Match(string Id, int Slot, ChunkHit Chunk)
    {
        public float Score => Chunk.Score;
    }
}
