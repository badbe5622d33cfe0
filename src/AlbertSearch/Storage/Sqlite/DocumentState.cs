using System.Text;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>A document as far as the outcome of a write depends on it.</summary>
internal sealed record DocumentState
{
    /// <summary>Whether it is there.</summary>
    public required bool Exists { get; init; }

    /// <summary>Names it inside the storage; 0 when it is not stored.</summary>
    public long Key { get; init; }

    /// <summary>The sequence number of the write that last changed it.</summary>
    public long Revision { get; init; }

    /// <summary>The hash of its text.</summary>
    public ContentHash Hash { get; init; }

    /// <summary>Compact JSON, or null.</summary>
    public string? Metadata { get; init; }

    /// <summary>The new text; null while it is the stored one.</summary>
    public string? Text { get; init; }

    /// <summary>Bytes of the stored text in UTF-8.</summary>
    public long StoredTextBytes { get; init; }

    /// <summary>Bytes of the text in UTF-8.</summary>
    public long TextBytes => Text is null ? StoredTextBytes : Encoding.UTF8.GetByteCount(Text);

    /// <summary>The stored state of a document.</summary>
    public static DocumentState Load(SqliteSession session, long collection, string id)
    {
        using var reader = session.Query(
            "SELECT key, revision, content_hash, metadata, octet_length(text) FROM documents WHERE collection = $1 AND id = $2", collection, id);
        return reader.Read()
            ? new DocumentState
            {
                Exists = true,
                Key = reader.GetInt64(0),
                Revision = reader.GetInt64(1),
                Hash = ContentHash.FromBytes(reader.GetFieldValue<byte[]>(2)),
                Metadata = reader.IsDBNull(3) ? null : reader.GetString(3),
                StoredTextBytes = reader.GetInt64(4),
            }
            : new DocumentState { Exists = false };
    }
}
