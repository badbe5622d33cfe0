using System.Text.Json;
using AlbertSearch.Embeddings.Pooling;
using Microsoft.Data.Sqlite;

namespace AlbertSearch.Storage.Sqlite;

/// <summary>The SQL of collections and generations.</summary>
internal static class CollectionRows
{
    private const string GenerationColumns = "key, collection, state, model_name, model_identity, dimension, pooling, chunking, index_parameters, chunks";

    /// <summary>All collections in the order of their names.</summary>
    public static List<StoredCollection> List(SqliteSession session)
    {
        var collections = new List<(long Key, string Name)>();
        using (var reader = session.Query("SELECT key, name FROM collections WHERE state = 'live' ORDER BY name"))
        {
            while (reader.Read())
            {
                collections.Add((reader.GetInt64(0), reader.GetString(1)));
            }
        }

        return collections.ConvertAll(collection => new StoredCollection(collection.Key, collection.Name, Generations(session, collection.Key)));
    }

    /// <summary>A collection by name, or null.</summary>
    public static StoredCollection? Find(SqliteSession session, string name) =>
        session.Scalar("SELECT key FROM collections WHERE name = $1 AND state = 'live'", name) is long key
            ? new StoredCollection(key, name, Generations(session, key))
            : null;

    /// <summary>A collection's generations that are building or live, oldest first.</summary>
    public static List<Generation> Generations(SqliteSession session, long collection)
    {
        var generations = new List<Generation>();
        using var reader = session.Query($"SELECT {GenerationColumns} FROM generations WHERE collection = $1 AND state <> 'retired' ORDER BY key", collection);
        while (reader.Read())
        {
            generations.Add(Read(reader));
        }

        return generations;
    }

    /// <summary>Adds a collection.</summary>
    /// <returns>Its key.</returns>
    public static long Insert(SqliteSession session, string name, long now) =>
        session.Integer("INSERT INTO collections (name, state, created_at) VALUES ($1, 'live', $2) RETURNING key", name, now);

    /// <summary>Adds a generation.</summary>
    public static void InsertGeneration(SqliteSession session, long collection, GenerationState state, GenerationSettings settings, long now) =>
        session.Execute(
            "INSERT INTO generations (collection, state, model_name, model_identity, dimension, pooling, chunking, index_parameters, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            collection,
            Word(state),
            settings.ModelName,
            settings.ModelIdentity,
            settings.Dimension,
            Word(settings.Pooling),
            JsonSerializer.Serialize(settings.Chunking, JsonSerializerOptions.Web),
            JsonSerializer.Serialize(settings.Index, JsonSerializerOptions.Web),
            now);

    /// <summary>The word by which an enumeration's member is stored.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>The member that a stored word stands for.</summary>
    public static T Parse<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true);

    private static Generation Read(SqliteDataReader reader) => new()
    {
        Key = reader.GetInt64(0),
        Collection = reader.GetInt64(1),
        State = Parse<GenerationState>(reader.GetString(2)),
        Settings = new GenerationSettings
        {
            ModelName = reader.GetString(3),
            ModelIdentity = reader.GetString(4),
            Dimension = reader.GetInt32(5),
            Pooling = Parse<PoolingMode>(reader.GetString(6)),
            Chunking = JsonSerializer.Deserialize<ChunkingSettings>(reader.GetString(7), JsonSerializerOptions.Web)!,
            Index = JsonSerializer.Deserialize<IndexSettings>(reader.GetString(8), JsonSerializerOptions.Web)!,
        },
        Chunks = reader.GetInt64(9),
    };
}
