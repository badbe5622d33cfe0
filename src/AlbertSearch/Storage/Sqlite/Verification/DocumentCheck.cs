using AlbertSearch.Collections;
using AlbertSearch.Embeddings.Pooling;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AlbertSearch.Storage.Sqlite.Verification;

/// <summary>Compares a document with its hash, its chunks, their vectors, and the index. Used by one thread, in one snapshot that was taken after a ticket of every index.</summary>
/// <param name="session">The snapshot.</param>
/// <param name="indexes">The indexes of the generations that are building or live.</param>
/// <param name="findings">Takes what is off.</param>
internal sealed class DocumentCheck(SqliteSession session, IReadOnlyList<CheckedIndex> indexes, VerificationFindings findings)
{
    // Sums of some hundred squares of floats are that exact at least; a vector that is 1 % off is not.
    private const float Tolerance = 1e-3f;

    /// <summary>Documents that have to be embedded again.</summary>
    public List<string> Damaged { get; } = [];

    /// <summary>Chunks of sound documents that have to be put into the index again.</summary>
    public List<MisplacedChunk> Misplaced { get; } = [];

    /// <summary>Chunks that were looked at.</summary>
    public long Chunks { get; private set; }

    /// <summary>Checks a document.</summary>
    /// <param name="key">Its row.</param>
    /// <param name="id">Its id.</param>
    /// <param name="hash">The hash that is stored.</param>
    /// <param name="text">Its text in UTF-8.</param>
    /// <param name="metadataAreJson">Whether its metadata, if it has any, can be read.</param>
    public void Check(long key, string id, byte[] hash, byte[] text, bool metadataAreJson)
    {
        if (!metadataAreJson)
        {
            findings.Add(FindingKind.MetadataNotJson, id);
        }

        var wrong = new HashSet<FindingKind>();
        var misplaced = new List<MisplacedChunk>();
        if (!System.Security.Cryptography.SHA256.HashData(text).AsSpan().SequenceEqual(hash))
        {
            wrong.Add(FindingKind.TextHashDiffers);
        }

        var characters = System.Text.Encoding.UTF8.GetString(text);
        foreach (var index in indexes)
        {
            CheckChunks(key, id, characters, index, wrong, misplaced);
        }

        if (wrong.Count > 0)
        {
            Damaged.Add(id);
        }
        else
        {
            Misplaced.AddRange(misplaced);
        }

        foreach (var kind in wrong)
        {
            findings.Add(kind, id);
        }
    }

    private void CheckChunks(long document, string id, string text, CheckedIndex index, HashSet<FindingKind> wrong, List<MisplacedChunk> misplaced)
    {
        var generation = index.Generation;
        var count = 0;
        var covered = 0;
        var hasWordsLeft = false;
        using var reader = session.Query(
            "SELECT key, slot, ordinal, start, \"end\", vector FROM chunks INDEXED BY chunks_document WHERE document = $1 AND generation = $2 ORDER BY ordinal", document, generation.Key);
        for (; reader.Read(); count++)
        {
            if (reader.GetInt64(2) != count)
            {
                wrong.Add(FindingKind.ChunkNumbering);
            }

            var (start, end) = (reader.GetInt64(3), reader.GetInt64(4));
            if (start < 0 || start >= end || end > text.Length)
            {
                wrong.Add(FindingKind.ChunkOutOfText);

                // What it should have held is not missing besides.
                covered = text.Length;
            }
            else
            {
                hasWordsLeft |= start > covered && HasWords(text.AsSpan(covered..(int)start));
                covered = Math.Max(covered, (int)end);
            }

            if (CheckVector(reader, generation, wrong) is { } vector && index.FaultOf(reader.GetInt32(1), vector, Tolerance) is { } fault)
            {
                findings.Add(fault, id);
                misplaced.Add(new MisplacedChunk(generation, reader.GetInt64(0), reader.GetInt32(1), id));
            }
        }

        Chunks += count;
        if (count == 0 && generation.State == GenerationState.Live)
        {
            wrong.Add(FindingKind.DocumentWithoutChunks);
        }
        else if (count > 0 && generation.Settings.Chunking.Enabled && (hasWordsLeft || HasWords(text.AsSpan(covered))))
        {
            wrong.Add(FindingKind.TextOutOfChunks);
        }
    }

    // White space is between chunks, and what the tokenizer drops may be.
    private static bool HasWords(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character))
            {
                return true;
            }
        }

        return false;
    }

    private static float[]? CheckVector(SqliteDataReader reader, Generation generation, HashSet<FindingKind> wrong)
    {
        var vector = new float[generation.Settings.Dimension];
        if (!VectorBlob.TryRead(raw.sqlite3_column_blob(reader.Handle, 5), vector))
        {
            wrong.Add(FindingKind.VectorLength);
            return null;
        }

        if (!Array.TrueForAll(vector, float.IsFinite))
        {
            wrong.Add(FindingKind.VectorNotFinite);
            return null;
        }

        if (!(Math.Abs(VectorSimilarity.Dot(vector, vector) - 1) <= Tolerance))
        {
            wrong.Add(FindingKind.VectorNotNormalized);
            return null;
        }

        return vector;
    }
}
