using System.Text;
using System.Text.Json;
using AlbertSearch.Documents;
using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL of documents that are read.</summary>
internal static class DocumentRows
{
    // Texts are read as bytes: read as a string, one would end at its first U+0000.
    private const string Columns = "id, CAST(text AS BLOB), metadata, revision, updated_at";

    /// <summary>A document by id, or null.</summary>
    public static Document? Find(SqliteSession session, long collection, string id)
    {
        using var reader = session.Query($"SELECT {Columns} FROM documents WHERE collection = $1 AND id = $2", collection, id);
        return reader.Read() ? Read(reader) : null;
    }

    /// <summary>Documents in the order of their ids.</summary>
    public static List<Document> List(SqliteSession session, long collection, string? after, int limit)
    {
        var documents = new List<Document>();
        using var reader = session.Query($"SELECT {Columns} FROM documents WHERE collection = $1 AND id > $2 ORDER BY id LIMIT $3", collection, after ?? string.Empty, limit);
        while (reader.Read())
        {
            documents.Add(Read(reader));
        }

        return documents;
    }

    /// <summary>Metadata as it is stored.</summary>
    public static JsonElement? ParseMetadata(string? json)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>A text column that was selected as a blob.</summary>
    public static string ReadText(SqliteDataReader reader, int column) => Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));

    private static Document Read(SqliteDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Text = ReadText(reader, 1),
        Metadata = ParseMetadata(reader.IsDBNull(2) ? null : reader.GetString(2)),
        Revision = reader.GetInt64(3),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
    };
}
